export { type AuditPage, type AuditView, listAudit } from './list-audit.ts';
export { type JobView, listStoppedJobs } from './list-jobs.ts';
export { type RescanChange, type RescanView, readRescan } from './read-rescan.ts';
