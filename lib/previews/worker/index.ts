export {
  createPreviewWorker,
  type PreviewWorker,
  type PreviewWorkerOptions,
  runPreviews,
  stopPreviews,
} from './preview-worker.ts';
export type { OpenRenderer } from './renderers.ts';
