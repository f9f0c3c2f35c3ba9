import type { LayerWeights } from '../onnx/index.ts';
import type { Weight } from '../weights/index.ts';

/** Networks of Stable Diffusion that previews are drawn with. */
export type TextBase = 'sd1' | 'sd2' | 'sdxl';

/** The published text encoder that a network is built as, whatever its size. */
export type EncoderKind = 'clip-l' | 'openclip-h' | 'openclip-g';

/** One layer of a text encoder: attention, then two matrices, each behind a norm. */
export interface TextLayer {
  attentionNorm: LayerWeights;
  q: LayerWeights;
  k: LayerWeights;
  v: LayerWeights;
  out: LayerWeights;
  mlpNorm: LayerWeights;
  /** [MLP width, width]. */
  up: LayerWeights;
  /** [width, MLP width]. */
  down: LayerWeights;
}

/** A text encoder found in a file, under whichever names. */
export interface TextEncoder {
  kind: EncoderKind;
  /** Numbers of one token. */
  width: number;
  heads: number;
  /** Tokens of one text: 77. */
  positions: number;
  /** [words, width]. */
  tokenTable: Weight;
  /** [positions, width]. */
  positionTable: Weight;
  /** From the first on; of OpenCLIP H without its last, which Stable Diffusion 2 does not use. */
  layers: readonly TextLayer[];
  finalNorm: LayerWeights;
  /** Makes the pooled vector; `transposed` where it is stored as [in, out]. */
  projection?: LayerWeights & { transposed: boolean };
}
