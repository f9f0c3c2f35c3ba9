export { JOB_KINDS, type JobKind, type JobPayload } from './kinds.ts';
export {
  boss,
  type EnqueueOptions,
  enqueue,
  hasOpenJob,
  hasWaitingJobs,
  listWaitingJobs,
  startWorker,
  stopQueue,
  type WaitingJob,
  type Worker,
} from './queue.ts';
export { VARIANT_OPTIONS, type VariantOptions } from './variant-options.ts';
