import type { Tx } from '../db/index.ts';

export interface AuditRecord {
  /** A user's id, or `system`. */
  actor: string;
  /** What was done, e.g. `file.state`, `model.edit`. */
  action: string;
  /** What it was done to: `upload`, `file`, `model`, `user`… */
  subject: string;
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
