import { Prisma, storable, type Tx } from '../db/index.ts';
import type { AuditAction, AuditRecord } from './actions/index.ts';
import { type AuditSubject, subjectQuery } from './subjects.ts';

export {
  ACTION_GROUPS,
  type ActionGroup,
  describeAction,
  type Named,
  named,
  type Phrase,
} from './actions/index.ts';
export { isAuditSubject, subjectQuery } from './subjects.ts';
export type { AuditAction, AuditRecord, AuditSubject };

const { sql } = Prisma;

/**
 * Writes who changed what, with the names that both have at this moment. Call it in the transaction of the change: one
 * without the other must not exist.
 */
export async function audit(tx: Tx, record: AuditRecord): Promise<void> {
  await auditAll(tx, [record]);
}

/** The same for several, in one statement for each kind of subject. */
export async function auditAll(tx: Tx, records: readonly AuditRecord[]): Promise<void> {
  for (const [subject, those] of Map.groupBy(records, (record) => record.subject)) {
    const rows = those.map(({ actor, action, subjectId, before, after }, n) => ({
      n,
      actor,
      action,
      id: String(subjectId),
      // What is deleted in this transaction is named by the record itself.
      said: nameIn(before) ?? nameIn(after),
      before,
      after,
    }));
    const actors = [...new Set(rows.map(({ actor }) => actor))];
    const ids = [...new Set(rows.map(({ id }) => id))];
    const modelId = subject === 'model' ? sql`r.id::int` : sql`what."modelId"`;
    await tx.$executeRaw`
      INSERT INTO audit_entry (actor, "actorName", action, subject, "subjectId", "subjectName", "modelId", before, after)
      SELECT r.actor, who.name, r.action, ${subject}, r.id, coalesce(what.name, r.said), ${modelId}, r.before, r.after
        FROM jsonb_to_recordset(${JSON.stringify(storable(rows))}::jsonb)
          AS r(n int, actor text, action text, id text, said text, before jsonb, after jsonb)
        LEFT JOIN (${subjectQuery('user', actors)}) who ON who.id = r.actor
        LEFT JOIN (${subjectQuery(subject, ids)}) what ON what.id = r.id
       ORDER BY r.n`;
  }
}

/** The name that details give to what they are about; null where they give none. */
function nameIn(details: object | undefined): string | null {
  if (details === undefined) return null;
  const { name, filename, email } = details as { name?: unknown; filename?: unknown; email?: unknown };
  if (typeof name === 'string' && typeof email === 'string') return `${name} (${email})`;
  return [name, filename, email].find((text) => typeof text === 'string') ?? null;
}
