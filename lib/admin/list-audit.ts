import { type Actor, authorize } from '../accounts/index.ts';
import { db } from '../db/index.ts';

export interface AuditView {
  id: string;
  at: string;
  /** The person's name and e-mail, `system`, or the id of an account that is gone. */
  actor: string;
  action: string;
  subject: string;
  subjectId: string;
  before: unknown;
  after: unknown;
}

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
  const people = await db().user.findMany({
    where: { id: { in: [...new Set(rows.map((row) => row.actor))] } },
    select: { id: true, name: true, email: true },
  });
  const names = new Map(people.map(({ id, name, email }) => [id, `${name} (${email})`]));
  return {
    entries: rows.map(({ id, at, before, after, ...row }) => ({
      ...row,
      id: String(id),
      at: at.toISOString(),
      actor: names.get(row.actor) ?? row.actor,
      before,
      after,
    })),
    total,
    page,
    pageSize: PAGE_SIZE,
  };
}
