import { type Actor, authorize } from '../../accounts/index.ts';
import { db } from '../../db/index.ts';
import { type AuditView, presentEntries } from './present-entries.ts';

export interface AuditPage {
  entries: AuditView[];
  total: number;
  page: number;
  pageSize: number;
}

const PAGE_SIZE = 50;

/** One page of the audit log, the newest first. `page` counts from 1. */
export async function listAudit(actor: Actor | null, page: number): Promise<AuditPage> {
  authorize(actor, 'audit.read');
  const [total, rows] = await Promise.all([
    db().auditEntry.count(),
    db().auditEntry.findMany({ orderBy: { id: 'desc' }, skip: (page - 1) * PAGE_SIZE, take: PAGE_SIZE }),
  ]);
  return { entries: await presentEntries(rows), total, page, pageSize: PAGE_SIZE };
}
