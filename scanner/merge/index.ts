export { MergeError, type MergeErrorCode } from './errors.ts';
export { mergeModels } from './merge.ts';
export { modelsOf } from './recipe.ts';
export type * from './types.ts';
