export { backfillPreviews, replanBase } from './backfill.ts';
export { checkComfyServer } from './check-comfy.ts';
export { claimPreview, recoverPreviews } from './claim-preview.ts';
export * from './client.ts';
export { getModelPreviews } from './model-previews.ts';
export { chooseCover, deletePicture, flagPicture, readPicture, uploadPicture } from './picture-actions.ts';
export { planModel } from './plan-model.ts';
export { cancelPreview, renderAgain } from './preview-actions.ts';
export { getPreviewQueue, queueOutdated } from './preview-queue.ts';
export { editPreviewSettings, getPreviewSettings } from './preview-settings.ts';
export {
  createPreviewWorker,
  type PreviewWorker,
  type PreviewWorkerOptions,
  runPreviews,
  stopPreviews,
} from './preview-worker.ts';
export { editProfile, listProfiles, resetProfile } from './profile-store.ts';
export type { OpenRenderer } from './renderers.ts';
export { findTransfer, MAX_TRANSFER_BYTES, takeTransfer } from './transfer.ts';
