export type { AdapterModule } from './adapter.ts';
export { gloraOrder, kroneckerOf, scaleOf, type Target, targetOf } from './deltas.ts';
export { MergeError, type MergeErrorCode } from './errors.ts';
export {
  checkSizes,
  type FittedAdapter,
  fitAdapter,
  type PlacedModule,
  readFullChange,
  readLengthFactors,
  readRotations,
} from './fitted-adapter.ts';
export { mergeModels } from './merge.ts';
export { isFloat } from './number-decoders.ts';
export { type OpenModel, OpenModels } from './open-models.ts';
export { modelsOf } from './recipe.ts';
export type * from './types.ts';
