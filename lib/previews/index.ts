export { checkComfyServer, editPreviewSettings, getPreviewSettings } from './admin/index.ts';
export * from './client.ts';
export {
  chooseCover,
  deletePicture,
  findTransfer,
  flagPicture,
  MAX_TRANSFER_BYTES,
  readPicture,
  storeTransfer,
  uploadPicture,
} from './pictures/index.ts';
export { claimPreview, recoverPreviews } from './queue/index.ts';
export { backfillPreviews, cancelPreview, planModel, renderAgain, replanBase } from './schedule/index.ts';
export { editProfile, listProfiles, resetProfile } from './settings/index.ts';
export { getModelPreviews, getPreviewQueue, queueOutdated } from './views/index.ts';
export {
  createPreviewWorker,
  type OpenRenderer,
  type PreviewWorker,
  type PreviewWorkerOptions,
  runPreviews,
  stopPreviews,
} from './worker/index.ts';
