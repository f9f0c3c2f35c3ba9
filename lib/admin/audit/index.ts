export { EXPORT_FORMATS, type ExportFormat, exportAudit } from './export-entries.ts';
export { type AuditFilter, parseAuditFilter } from './filter.ts';
export { type AuditPage, listAudit } from './list-entries.ts';
export type { PersonChoice } from './list-people.ts';
export type { AuditView, NamedThing } from './present-entries.ts';
