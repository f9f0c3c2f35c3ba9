export {
  type AuditFilter,
  type AuditPage,
  type AuditView,
  EXPORT_FORMATS,
  type ExportFormat,
  exportAudit,
  listAudit,
  type NamedThing,
  parseAuditFilter,
} from './audit/index.ts';
export { disableAccount, MODELS_CHOICE, type ModelsChoice, removeAccount, transferModels } from './leaving.ts';
export { type JobView, listStoppedJobs } from './list-jobs.ts';
export { listWaitingFiles, type WaitingFile, type WaitingView } from './list-waiting.ts';
export { type IdentificationView, readIdentification } from './read-identification.ts';
export { type RescanChange, type RescanView, readRescan } from './read-rescan.ts';
