import { db, Prisma } from '../../db/index.ts';
import { type AuditFilter, conditionsOf } from './filter.ts';
import type { AuditRow } from './present-entries.ts';

const { sql, join, empty } = Prisma;

/** Where to go on: after (`older`) or before (`newer`) an entry, by its id. */
export interface Cursor {
  direction: 'older' | 'newer';
  id: bigint;
}

/**
 * At most `limit` entries next to the cursor, the newest first; without one the newest of all. The cost does not grow
 * with the entries that lie before.
 */
export async function readEntries(filter: AuditFilter, cursor: Cursor | null, limit: number): Promise<AuditRow[]> {
  const isNewer = cursor?.direction === 'newer';
  const order = isNewer ? sql`a.at, a.id` : sql`a.at DESC, a.id DESC`;
  const start =
    cursor === null
      ? empty
      : sql`AND (a.at, a.id) ${isNewer ? sql`>` : sql`<`} ((SELECT at FROM audit_entry WHERE id = ${cursor.id}), ${cursor.id})`;
  const branches = conditionsOf(filter).map(
    (condition) => sql`(SELECT a.* FROM audit_entry a WHERE ${condition} ${start} ORDER BY ${order} LIMIT ${limit})`,
  );
  const rows = await db().$queryRaw<AuditRow[]>`
    SELECT a.id, a.at, a.actor, a."actorName", a.action, a.subject, a."subjectId", a."subjectName", a."modelId",
           a.before, a.after
      FROM (${join(branches, ' UNION ALL ')}) a ORDER BY ${order} LIMIT ${limit}`;
  return isNewer ? rows.reverse() : rows;
}

/** How many entries a filter finds, counted no further than `most` + 1. */
export async function countEntries(filter: AuditFilter, most: number): Promise<number> {
  const branches = conditionsOf(filter).map(
    (condition) => sql`(SELECT 1 FROM audit_entry a WHERE ${condition} LIMIT ${most + 1})`,
  );
  const [found] = await db().$queryRaw<{ count: bigint }[]>`
    SELECT count(*) AS count FROM (${join(branches, ' UNION ALL ')}) entries`;
  return Math.min(Number(found?.count ?? 0), most + 1);
}
