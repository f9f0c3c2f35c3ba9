import type { LayerWeights } from '../onnx/index.ts';
import type { PredictionType } from '../types.ts';
import type { Weight, WeightFile } from '../weights/index.ts';

/** A denoising network of Stable Diffusion 1.x, 2.x or XL, its layers tied to their weights. */
export interface Unet {
  file: WeightFile;
  /** Channels of the first layer: also the width of `timeFeatures`. */
  channels: number;
  /** Numbers of one token of text. */
  contextWidth: number;
  /** SDXL: numbers of the extra conditioning, pooled text and sizes. Null where there is none. */
  vectorWidth: number | null;
  /** What the file says of the prediction; null where it says nothing, and epsilon is the rule. */
  prediction: PredictionType | null;
  /** The file says that it was trained down to no signal at all. */
  zeroTerminalSnr: boolean;
  time: Embedding;
  vector: Embedding | null;
  input: LayerWeights;
  down: readonly Level[];
  middle: MiddleBlock | null;
  up: readonly Level[];
  outputNorm: Norm;
  output: LayerWeights;
}

/** Two layers with SiLU between. */
export interface Embedding {
  first: LayerWeights;
  second: LayerWeights;
}

export interface Norm {
  weight: Weight;
  bias: Weight;
}

/** What happens at one size of the picture. */
export interface Level {
  steps: readonly { residual: Residual; attention: SpatialTransformer | null }[];
  /** Halves or doubles the picture behind the steps. */
  resample: LayerWeights | null;
}

/** A residual block first, and one more behind each attention. */
export interface MiddleBlock {
  residuals: readonly Residual[];
  attentions: readonly SpatialTransformer[];
}

export interface Residual {
  output: number;
  norm1: Norm;
  conv1: LayerWeights;
  time: LayerWeights;
  norm2: Norm;
  conv2: LayerWeights;
  /** Where the channels change. */
  shortcut: LayerWeights | null;
}

/** Attention over all places of the picture. */
export interface SpatialTransformer {
  channels: number;
  heads: number;
  /** Its scores are too large for half precision. */
  wide: boolean;
  norm: Norm;
  /** A matrix, or a 1×1 kernel in SD 1.x. */
  projectIn: LayerWeights;
  blocks: readonly TransformerBlock[];
  projectOut: LayerWeights;
}

export interface TransformerBlock {
  norm1: Norm;
  self: AttentionWeights;
  norm2: Norm;
  cross: AttentionWeights;
  norm3: Norm;
  /** Makes values and their gates, in this order. */
  widen: LayerWeights;
  narrow: LayerWeights;
}

export interface AttentionWeights {
  q: LayerWeights;
  k: LayerWeights;
  v: LayerWeights;
  out: LayerWeights;
}
