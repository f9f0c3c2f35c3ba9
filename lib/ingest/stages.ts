import type { ConversionReport, TargetDtype, TensorTags } from '#scanner/convert/index.ts';
import type { Hashes } from '#scanner/hashes/index.ts';
import type { Identity } from '#scanner/identify/index.ts';
import type { LimitChanges, ScanReport } from '#scanner/index.ts';
import type { MergeReport, MergeRequest } from '#scanner/merge/index.ts';
import type { MultiFileKind, PartReport } from '#scanner/multi-file/index.ts';
import type { InputFile } from '#scanner/opened-files.ts';
import type { SidecarNote } from '#scanner/sidecars/index.ts';
import type { TensorStatistics } from '#scanner/statistics/index.ts';
import type { NonTensor, RefusedTensor } from '#scanner/tensors/index.ts';
import type { VariantOptions } from '../queue/index.ts';
import type { StageName } from '../stages.ts';

/** One stage of the ingest as the child process gets it. Paths are absolute. */
export type StageTask =
  /** `nameAlone`: the SHA-256 and no other digest. */
  | { stage: 'hash'; path: string; nameAlone?: boolean }
  | { stage: 'scan'; path: string; name: string; limits?: LimitChanges }
  | { stage: 'identify'; path: string; name: string; sha256: string; notes: readonly SidecarNote[] }
  | FolderTask
  | { stage: 'measure'; path: string }
  | { stage: 'convert'; path: string; target: string; metadata: Record<string, string> }
  /** `tags` are those that `convert` gave. */
  | { stage: 'verify'; path: string; target: string; tags: TensorTags }
  | {
      stage: 'merge';
      request: MergeRequest;
      target: string;
      name: string;
      dtype?: TargetDtype | undefined;
      metadata: Record<string, string>;
    }
  | { stage: 'variant'; path: string; target: string; metadata: Record<string, string>; options: VariantOptions };

/**
 * What few files need and takes long to load: what reads companion files, and what the scanner loads later (`loadAll`).
 * A process that becomes another user has to load it before it reads its file.
 */
export const EXTRAS = ['notes', 'later'] as const;
export type Extra = (typeof EXTRAS)[number];

/**
 * What the child process is told: to load ahead what scanning and identifying take, before a file is there; or a task, with
 * all the files that it may read, and the extras to load. Those of the first task stay, whatever the others say. Without
 * `extras` it loads what its task may need; with them it asks for one that turns out to be missing (`needs`), and ends.
 */
export type StageCommand =
  | { ahead: true }
  | (StageTask & { inputs: readonly InputFile[]; extras?: readonly Extra[] | undefined });

/** The same of a model in several files. What was converted was compared with its sources then, and is read once more. */
export type FolderTask =
  | { stage: 'scan'; folder: PartFolder; limits?: LimitChanges }
  | { stage: 'identify'; folder: PartFolder }
  | { stage: 'convert'; folder: PartFolder; target: string; metadata: Record<string, string> }
  | { stage: 'verify'; folder: PartFolder; target: string };

/** A model in several files, as stages know it: a folder that is there by the names of its open files alone. */
export interface PartFolder {
  root: string;
  kind: MultiFileKind;
  index: string | null;
  files: string[];
}

/** What `identify` finds: the identity, and the table it rests on. */
export interface Identification {
  identity: Identity;
  tensors: { name: string; dtype: string; shape: readonly number[] }[];
  nonTensors: NonTensor[];
  refused: RefusedTensor[];
  metadata: Record<string, string>;
}

export interface StageResults extends Record<StageName, unknown> {
  hash: Hashes | Pick<Hashes, 'sha256'>;
  /** With its parts, where it has several. */
  scan: ScanReport & { parts?: PartReport[] };
  identify: Identification;
  /** What the numbers of each tensor are like, and what is wrong with them, in sentences. */
  measure: { tensors: TensorStatistics[]; problems: string[] };
  convert: { report: ConversionReport; tags: TensorTags };
  /** With all digests of the very bytes that were verified, so that nothing else can be published. */
  verify: { tensors: number; bytes: number; hashes: Hashes };
  /** What was made of several models, and the SHA-256 of what was written. */
  merge: MergeReport;
  /** Converted with other options, and verified. */
  variant: { report: ConversionReport; sha256: string };
}
