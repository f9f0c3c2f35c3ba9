import type { Reading } from './loaders.ts';
import type { RuleId } from './rules.ts';
import type { Severity, Verdict } from './severity.ts';

export type { Severity, Verdict };

export type ContainerKind =
  | 'torch-zip'
  | 'torch-legacy'
  | 'torch-tar'
  | 'pickle'
  | 'safetensors'
  | 'zip'
  | 'numpy'
  | 'gguf'
  | 'ggml'
  | 'keras'
  | 'onnx'
  | 'tensorflow'
  | 'tflite'
  | 'coreml'
  | 'openvino'
  | 'tensorrt'
  | 'paddle'
  | 'executorch'
  | 'torch-mobile'
  | 'compressed'
  | 'unknown';

/** Where in the file something was found. Offsets are bytes from the start of the member (or of the file where there is none). */
export interface Where {
  member?: string;
  /** Which of several pickles that stand one after the other, from 0. */
  pickle?: number;
  offset?: number;
  opcode?: string;
}

export interface Finding {
  /** Stable id, `area/name`, e.g. `pickle/global-dangerous`. */
  rule: RuleId;
  severity: Severity;
  where?: Where;
  /** The dotted name concerned, e.g. `posix.system`. */
  global?: string;
  /** The call rebuilt as one Python-like line. Text to show, never to run. */
  call?: string;
  /** One plain sentence for a person. */
  message: string;
}

export type GlobalClass = 'allowed' | 'reference-only' | 'known-class' | 'unknown' | 'dangerous';

export interface GlobalUse {
  name: string;
  class: GlobalClass;
  /** How often the file calls it, or brings it in where that is more. */
  count: number;
}

/** What a scan of one file says. Type and base are the identification's to tell. */
export interface ScanReport {
  size: number;
  container: ContainerKind;
  verdict: Verdict;
  findings: Finding[];
  globals: GlobalUse[];
  /** What each program reads in the file, where it is of more than one format. */
  readings?: Reading[];
  /** Number of tensors, where the file could be read that far. */
  tensors: number | null;
  /** Rules version the verdict rests on, a date. */
  rules: string;
}
