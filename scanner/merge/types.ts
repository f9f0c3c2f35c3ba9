import type { TargetDtype } from '../convert/index.ts';

/** A model's file. */
export interface NamedModel {
  path: string;
  /** As people know it: what messages and the recipe call it. */
  name: string;
}

/** A model that takes part. */
export interface MergeModel extends NamedModel {
  /** SHA-256 of the file, which the recipe names it by. 64 lower-case hex digits. */
  sha256: string;
}

/** An adapter with the weight at which it is baked in or combined: 1 is what it was trained to. */
export interface WeightedLora extends MergeModel {
  weight: number;
  /** For its text encoders' layers; the same as `weight` where left out. Counts in baking alone. */
  textWeight?: number | undefined;
}

/** Weights of the denoising network's blocks, 0 to 1; every other tensor takes the merge's own weight. */
export interface BlockWeights {
  /** 25 (SD 1.x, SD 2.x) or 19 (SDXL): inputs, the middle, outputs. One more in front is the weight of all other tensors. */
  blocks?: readonly number[] | undefined;
}

interface CheckpointMerge {
  /** Its autoencoder takes the place of the first model's: a VAE's file, or a checkpoint with one. */
  vae?: MergeModel | undefined;
}

export type MergeRequest =
  /** `A + weight · (B − A)`. */
  | ({ kind: 'weighted-sum'; a: MergeModel; b: MergeModel; weight: number } & BlockWeights & CheckpointMerge)
  /** `A + weight · (B − C)`. */
  | ({
      kind: 'add-difference';
      a: MergeModel;
      b: MergeModel;
      c: MergeModel;
      weight: number;
    } & BlockWeights &
      CheckpointMerge)
  | ({ kind: 'bake-loras'; a: MergeModel; loras: readonly WeightedLora[] } & CheckpointMerge)
  | { kind: 'combine-loras'; loras: readonly WeightedLora[] }
  | { kind: 'replace-vae'; a: MergeModel; vae: MergeModel };

export interface MergeOptions {
  /** Floating-point tensors become this type. Left out, each keeps that of the first model (the widest, among LoRAs). */
  dtype?: TargetDtype | undefined;
  /** The result's name, for its header. */
  name: string;
  /** Further entries of `__metadata__`. */
  metadata?: Readonly<Record<string, string>>;
  /** Called with the share of the work that is done, 0 to 1. */
  onProgress?: (fraction: number) => void;
  signal?: AbortSignal | undefined;
}

/** Why a tensor is in the result as one model has it. */
export type UnmergedReason = 'only-in-first' | 'only-in-second' | 'no-number' | 'schedule';

export interface MergeReport {
  tensors: number;
  /** Size of the file written, in bytes. */
  bytes: number;
  /** SHA-256 of the file, as it was read back. */
  sha256: string;
  /** Tensors whose numbers were computed; the others are copies. */
  merged: number;
  unmerged: { name: string; reason: UnmergedReason }[];
  /** Modules of adapters that found no layer, and the model whose they are. */
  unplaced: { model: string; module: string }[];
  /** Tensors of adapters of a kind that is not known. */
  ignored: { model: string; name: string }[];
  /** Averaged weights of the training (`model_ema.*`), which belong to no merge. */
  leftOut: string[];
  /** Numbers that were too large for their type and became its largest. */
  saturated: number;
  /** In plain sentences: what will disappoint, although it can be merged. */
  warnings: string[];
}
