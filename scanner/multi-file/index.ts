export { checkModel, type ModelReport } from './check-model.ts';
export { groupModelFiles } from './group-files.ts';
export { findModelAt } from './read-folder.ts';
export type { FileGroup, MultiFileKind, WeightFile } from './types.ts';
