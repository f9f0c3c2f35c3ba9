export type { BulkActionName } from './actions.ts';
export { acceptChosen, dismissChosen, PROPOSAL_CHOICE } from './decide-proposals.ts';
export { exportBulkItems } from './export-items.ts';
export { BULK_ITEM_STATES, getBulkJob, listBulkItems, listBulkJobs } from './list-jobs.ts';
export { listProposals, PROPOSAL_FILTER, PROPOSAL_STATES } from './proposals/index.ts';
export { cancelBulkJob, NEW_BULK_JOB, recoverBulkJobs, requestBulkJob, undoBulkJob } from './request-job.ts';
export { runBulkJob } from './run-job.ts';
export type * from './types.ts';
