export { type AuditPage, listAudit } from './list-entries.ts';
export type { AuditView, NamedThing } from './present-entries.ts';
