/** What of models in several files needs neither files nor bytes: their names. */
export { CONFIG, MODEL_INDEX, parseIndexName, parseShardName, parseWeightsName } from './file-names.ts';
export { groupModelFiles } from './group-files.ts';
export { isPlainName } from './plain-name.ts';
export type { FileGroup, MultiFileKind } from './types.ts';
