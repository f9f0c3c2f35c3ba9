export { disarmFile, measureFile, reidentifyModel, retryFile } from './decisions.ts';
export { enterFile, lockBlob, type NewFile } from './enter-file.ts';
export { ingestFile } from './ingest-file.ts';
export { slugOf } from './naming.ts';
export { recoverAbandoned } from './recover-abandoned.ts';
export { findOutdatedFile, type RescanOutcome, rescanFile } from './rescan.ts';
export type { StageResults } from './stages.ts';
export { mayDisarm, mayRetry, passesGate, refreshModel } from './states.ts';
export { convertAgain } from './variant.ts';
