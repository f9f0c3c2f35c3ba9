import { type AuditSubject, type Named, subjectQuery } from '../../audit/index.ts';
import { db } from '../../db/index.ts';

interface FoundName {
  /** Null where the thing has none. */
  name: string | null;
  modelId: number | null;
  isGone: boolean;
}

export interface NameTable {
  get(kind: AuditSubject, id: string): FoundName | undefined;
}

interface Row {
  id: string;
  name: string | null;
  modelId: number | null;
}

/** The names of things: of what is still there its own, of what is gone the last one that the audit log has. */
export async function findNames(things: readonly Named[]): Promise<NameTable> {
  const ids = new Map<AuditSubject, Set<string>>();
  for (const { kind, id } of things) ids.set(kind, (ids.get(kind) ?? new Set()).add(id));
  const found = new Map<string, FoundName>();
  const keyOf = (kind: AuditSubject, id: string) => `${kind} ${id}`;
  await Promise.all(
    [...ids].map(async ([kind, wanted]) => {
      const rows = await db().$queryRaw<Row[]>`${subjectQuery(kind, [...wanted])}`;
      for (const { id, name, modelId } of rows) found.set(keyOf(kind, id), { name, modelId, isGone: false });
      const gone = [...wanted].filter((id) => !found.has(keyOf(kind, id)));
      for (const { id, name, modelId } of await findLastNames(kind, gone))
        found.set(keyOf(kind, id), { name, modelId, isGone: true });
    }),
  );
  return { get: (kind, id) => found.get(keyOf(kind, id)) };
}

/** What the log calls things that are gone, and their model where that is still there. */
async function findLastNames(kind: AuditSubject, ids: string[]): Promise<Row[]> {
  if (ids.length === 0) return [];
  // One step in an index for each: the log may have thousands of entries about the same thing.
  const asSubject = await db().$queryRaw<Row[]>`
    SELECT what.id, last."subjectName" AS name, m.id AS "modelId"
      FROM unnest(${ids}::text[]) AS what(id)
     CROSS JOIN LATERAL (
       SELECT a."subjectName", a."modelId" FROM audit_entry a
        WHERE a.subject = ${kind} AND a."subjectId" = what.id AND a."subjectName" IS NOT NULL
        ORDER BY a.at DESC, a.id DESC LIMIT 1) last
      LEFT JOIN model m ON m.id = last."modelId"`;
  if (kind !== 'user') return asSubject;
  const missing = ids.filter((id) => id !== 'system' && !asSubject.some((row) => row.id === id));
  const asActor = await db().$queryRaw<Row[]>`
    SELECT who.id, (SELECT a."actorName" FROM audit_entry a WHERE a.actor = who.id
                 ORDER BY a.at DESC, a.id DESC LIMIT 1) AS name, NULL::int AS "modelId"
      FROM unnest(${missing}::text[]) AS who(id)`;
  return [...asSubject, ...asActor];
}
