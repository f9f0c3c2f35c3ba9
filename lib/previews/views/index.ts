export { getModelPreviews } from './model-previews.ts';
export { getPreviewQueue, queueOutdated } from './preview-queue.ts';
