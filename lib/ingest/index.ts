export { disarmFile, retryFile } from './decisions.ts';
export { enterFile, type NewFile } from './enter-file.ts';
export { ingestFile } from './ingest-file.ts';
export { slugOf } from './naming.ts';
export { refreshModel } from './states.ts';
