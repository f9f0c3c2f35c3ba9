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
  const { actor, action, subject, before, after } = record;
  const id = String(record.subjectId);
  // What is deleted in this transaction is named by the record itself.
  const said = nameIn(before) ?? nameIn(after);
  const modelId = subject === 'model' ? sql`${Number(id)}::int` : sql`what."modelId"`;
  await tx.$executeRaw`
    INSERT INTO audit_entry (actor, "actorName", action, subject, "subjectId", "subjectName", "modelId", before, after)
    SELECT ${actor}, who.name, ${action}, ${subject}, ${id}, coalesce(what.name, ${said}), ${modelId},
           ${toJson(before)}::jsonb, ${toJson(after)}::jsonb
      FROM (SELECT 1) one
      LEFT JOIN (${subjectQuery('user', [actor])}) who ON true
      LEFT JOIN (${subjectQuery(subject, [id])}) what ON true`;
}

/** The name that details give to what they are about; null where they give none. */
function nameIn(details: object | undefined): string | null {
  if (details === undefined) return null;
  const { name, filename, email } = details as { name?: unknown; filename?: unknown; email?: unknown };
  if (typeof name === 'string' && typeof email === 'string') return `${name} (${email})`;
  return [name, filename, email].find((text) => typeof text === 'string') ?? null;
}

function toJson(details: object | undefined): string | null {
  return details === undefined ? null : JSON.stringify(storable(details));
}
