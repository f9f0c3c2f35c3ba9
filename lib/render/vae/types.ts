import type { LayerWeights } from '../onnx/index.ts';
import type { Weight } from '../weights/index.ts';

/** A normalisation over groups of channels. */
export interface VaeNorm {
  weight: Weight;
  bias: Weight;
}

/** Two convolutions, each behind a norm, added to what came in. */
export interface VaeResidual {
  input: number;
  output: number;
  norm1: VaeNorm;
  conv1: LayerWeights;
  norm2: VaeNorm;
  conv2: LayerWeights;
  /** Where the channels change. */
  shortcut: LayerWeights | null;
}

/** Attention of one head over all places of the picture; matrices, or kernels of 1×1. */
export interface VaeAttention {
  norm: VaeNorm;
  q: LayerWeights;
  k: LayerWeights;
  v: LayerWeights;
  out: LayerWeights;
}

export interface VaeMiddle {
  first: VaeResidual;
  attention: VaeAttention;
  second: VaeResidual;
}

/** What happens at one size of the picture. */
export interface VaeLevel {
  residuals: readonly VaeResidual[];
  /** Halves or doubles the picture behind the blocks; the last level has none. */
  resample: LayerWeights | null;
}

/** What both halves have; `levels` in the order in which they are gone through. */
export interface VaeHalf {
  input: LayerWeights;
  middle: VaeMiddle;
  levels: readonly VaeLevel[];
  outputNorm: VaeNorm;
  output: LayerWeights;
  /** Channels that the middle has. */
  width: number;
  latentChannels: number;
}

/** The half of a VAE that makes pictures of latents. */
export interface Vae extends VaeHalf {
  /** Mixes the latent's channels first. */
  mix: LayerWeights | null;
}

/** The half that makes latents of pictures. */
export interface VaeEncoder extends VaeHalf {
  /** Mixes means and variances last. */
  mix: LayerWeights | null;
}
