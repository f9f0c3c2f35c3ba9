export { listStandingKinds, listWorkedKinds, registerWorker } from './condition.ts';
export { JOB_KINDS, type JobKind, type JobPayload } from './kinds.ts';
export { enqueuePlan } from './plan.ts';
export {
  boss,
  type EnqueueOptions,
  enqueue,
  enqueueAll,
  hasOpenJob,
  hasWaitingJobs,
  listWaitingJobs,
  stopQueue,
  type WaitingJob,
} from './queue.ts';
export { recoverLost, WORKER_STOPPED } from './recover.ts';
export { VARIANT_OPTIONS, type VariantOptions } from './variant-options.ts';
