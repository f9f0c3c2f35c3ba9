import type { BaseId, KnownBase, ModelType } from '../bases/index.ts';
import type { NamedTensors } from './contents.ts';

export type Confidence = 'certain' | 'high' | 'medium' | 'low';

/** `edm` stands for both EDM parameterisations; `unknown` where nothing in the file tells. */
export type Prediction = 'epsilon' | 'v' | 'flow' | 'edm' | 'unknown';

export type EvidenceField = 'type' | 'base' | 'variant' | 'family' | 'prediction' | 'merge' | 'algorithm';
/** `config`: a configuration of the program that loads it, beside the file or in its folder. */
export type EvidenceSource = 'weights' | 'config' | 'metadata' | 'hash' | 'sidecar' | 'filename';

/** What one metadata entry or a file name says about a field. */
export interface Statement<Value extends string = string> {
  value: Value;
  detail: string;
}

/** Why one field has its value: the key and shape that decided it, or the metadata entry. */
export interface Evidence {
  field: EvidenceField;
  source: EvidenceSource;
  detail: string;
}

/** What a LoRA changes, counted over its layers. */
export interface LoraSummary {
  /** Layers. */
  modules: number;
  /** All ranks that occur, rising; empty for algorithms without one. */
  ranks: number[];
  /** Values of `alpha` that occur, rising, of 16 layers spread over the file; empty where there are none. */
  alphas: number[];
  /** Layers by algorithm: mixed files are normal. */
  algorithms: Record<string, number>;
  /** Layers by network: `unet` for any backbone, `te` or `te1` to `te3` for text encoders. */
  parts: Record<string, number>;
  /** Layers with a magnitude of their own (DoRA). */
  decomposed: number;
  convolutions: number;
}

/** How much of a file the network of its base explains, and how far the next base is behind. */
export interface Coverage {
  /** What is counted: tensors, or the layers that an adapter changes. */
  unit: 'tensors' | 'layers';
  /** In the file, without what quantisers keep next to them. */
  total: number;
  /** Of these the network has, under the same name and with the same shape. */
  explained: number;
  /** Of the network the file lacks; 0 for adapters, which change what they like. */
  missing: number;
  /** What the best network of another base explains. */
  runnerUp: number;
}

/** What a model file is. What the file does not tell stays `unknown`. */
export interface Identity {
  type: ModelType;
  base: KnownBase;
  /** `inpaint`, `pix2pix`, `turbo`…; null for the plain model. */
  variant: string | null;
  /**
   * A line of fine-tunes with the same layout (`pony`, `illustrious`…): stated by metadata or next to the file, or
   * known by a hash, never by weights.
   */
  family: string | null;
  prediction: Prediction;
  /** True where the file records that it was merged. False says only that it records nothing. */
  merge: boolean;
  /** LoRA only: `lora`, `locon`, `loha`, `lokr`, `dora`… */
  algorithm?: string;
  /** Everything found inside: `unet`, `vae`, `clip-l`, `ema`… */
  components: string[];
  /** What its base is published with and the file lacks: `vae`, `clip-l`… Empty where that is not known. */
  absent: string[];
  /** Numbers in all tensors, without what quantisers and LoRAs keep next to them. */
  parameters: number;
  /** Types of its numbers (`f16`, `bf16`…), the one with the most first; then schemes of quantisers (`nf4`, `scaled`…). */
  precision: string[];
  /** Tensors that the network of its base has and the file lacks; empty where the base's list is not known. */
  missingTensors: NamedTensors;
  /** Tensors of a checkpoint that belong to no part that is known. */
  surplusTensors: NamedTensors;
  /** LoRA only: what it changes. */
  lora?: LoraSummary;
  /** Bases that fit the weights alike, where there are several. */
  candidates?: KnownBase[];
  /** What was compared, where the networks of the field's code are known; of files that rules alone tell there is none. */
  coverage?: Coverage;
  /** How sure type and base are, taken together: only what no other base explains is certain. */
  confidence: Confidence;
  evidence: Evidence[];
  /** What does not fit, in plain sentences. */
  problems: string[];
}

/** What files next to a model say of it: people's notes and the records of tools, none of them checked. */
export interface SidecarStatements {
  base?: Statement<BaseId>;
  family?: Statement;
  prediction?: { value: Prediction; detail: string };
  /** Classes that configurations name: of pipelines, networks and encoders. */
  classes?: readonly Statement[];
}

export interface IdentifyHints {
  /** Consulted last, and only for what weights and metadata leave open. */
  filename?: string;
  /** What files next to it say. Consulted for what weights and metadata leave open, before the file name. */
  sidecars?: SidecarStatements;
  /** Classes that the configurations of its folder name. They select among bases that the tensors allow. */
  classes?: readonly Statement[];
  /** What the scheduler that belongs to the model is set to. Counts like metadata. */
  scheduler?: { value: Prediction; detail: string };
  /** Of the whole file, lower case: some published files are known by it. */
  sha256?: string;
  /** The numbers of a small tensor, or null. Told apart by them alone: the two kinds of SD 2.x. */
  readTensor?: (name: string) => Float32Array | null;
}
