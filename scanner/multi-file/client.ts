/** What of models in several files needs neither files nor bytes: their names. */
export { MODEL_INDEX, parseIndexName } from './file-names.ts';
export { isPlainName } from './safe-paths.ts';
