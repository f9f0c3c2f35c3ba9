export { JOB_KINDS, type JobKind, type JobPayload } from './kinds.ts';
export {
  boss,
  type EnqueueOptions,
  enqueue,
  hasOpenJob,
  hasWaitingJobs,
  startWorker,
  stopQueue,
  type Worker,
} from './queue.ts';
