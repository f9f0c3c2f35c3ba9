export { type AttentionShape, attention } from './attention.ts';
export {
  type BuiltGraph,
  GraphBuilder,
  type GraphTarget,
  type LayerKind,
  type LayerPatch,
  type LayerPatches,
  patchKey,
  type Value,
} from './graph-builder.ts';
export { convolution, groupNorm, type LayerWeights, layerNorm, linear, silu } from './layers.ts';
export type { AttributeValue, ElementType } from './messages.ts';
