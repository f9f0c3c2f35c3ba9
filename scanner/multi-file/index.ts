export { checkModel, type ModelReport } from './check-model.ts';
export { identifyModel } from './describe-model.ts';
export { groupModelFiles } from './group-files.ts';
export { type OpenModel, openModel } from './open-model.ts';
export { findModelAt, readModelFolder } from './read-folder.ts';
export { type PartReport, scanModel, type WholeReport } from './scan-model.ts';
export { convertToSingleFile, type SingleFileOptions, type SingleFileReport } from './single-file/index.ts';
export type { FileGroup, MultiFileKind, WeightFile } from './types.ts';
