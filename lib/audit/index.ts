import type { Tx } from '../db/index.ts';
import type { AuditAction, AuditSubject } from './actions.ts';

export type { AuditAction, AuditSubject };

export interface AuditRecord {
  /** A user's id, or `system`. */
  actor: string;
  action: AuditAction;
  subject: AuditSubject;
  subjectId: string | number;
  before?: object | null;
  after?: object | null;
}

/** Writes who changed what. Call it in the transaction of the change: one without the other must not exist. */
export async function audit(tx: Tx, record: AuditRecord): Promise<void> {
  const { before, after, subjectId, ...rest } = record;
  await tx.auditEntry.create({
    data: { ...rest, subjectId: String(subjectId), ...(before && { before }), ...(after && { after }) },
  });
}
