export { addFile, addFiles, enterBlobs, lockBlob, type NewFile, type StoredHashes } from './add-file.ts';
export { addModelParts, checkPartPaths, type NewModelParts, storePartList } from './add-model-parts.ts';
export {
  GLOBALS,
  IDENTITY,
  NON_TENSORS,
  PROPOSAL_AFTER,
  PROPOSAL_BEFORE,
  READINGS,
  readMetadata,
  STATISTICS,
  TENSORS,
  WHERE,
} from './columns.ts';
export { storeConverted } from './converted-file.ts';
export { disarmFile, measureFile, retryFile } from './decisions.ts';
export { deleteUnusedBlob, dropUnentered } from './delete-unused-blob.ts';
export { stopReadyProcesses } from './file-process.ts';
export { ingestFile } from './ingest-file.ts';
export { slugOf } from './naming.ts';
export { previewIdentity } from './preview-identity.ts';
export { recoverAbandoned } from './recover-abandoned.ts';
export { findOutdatedFile, type RescanOutcome, rescanFile } from './rescan.ts';
export { runInSandbox, SandboxError } from './sandbox.ts';
export { findStageFile, type StageFile } from './stage-file.ts';
export type { StageResults } from './stages.ts';
export {
  hasNoVerdict,
  IDENTIFIED_BY_OLDER,
  mayConvertAgain,
  mayDisarm,
  mayRetry,
  OFFERED,
  passesGate,
  refreshModel,
} from './states.ts';
export { convertAgain } from './variant.ts';
