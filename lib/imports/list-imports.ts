import { basename } from 'node:path';
import { z } from 'zod';
import { type Actor, authorize } from '../accounts/index.ts';
import { csvPiece } from '../csv.ts';
import { db, type ImportEntryState, type Prisma } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { CHANGES } from './columns.ts';
import type { ImportEntriesPage, ImportView } from './types.ts';

const PAGE = 100;

/** All imports of folders, the newest first. */
export async function listImports(actor: Actor): Promise<ImportView[]> {
  authorize(actor, 'imports.manage');
  return await present(await db().import.findMany({ orderBy: { id: 'desc' }, include: { owner: true } }));
}

/** One of them. Throws AppError. */
export async function getImport(actor: Actor, id: number): Promise<ImportView> {
  authorize(actor, 'imports.manage');
  const [view] = await present(await db().import.findMany({ where: { id }, include: { owner: true } }));
  if (view === undefined) throw new AppError('not_found', 'Import not found.');
  return view;
}

/** What was found: of one state, 100 after the entry `after`. Throws AppError. */
export async function listImportEntries(
  actor: Actor,
  id: number,
  { state, after = 0 }: { state: ImportEntryState; after?: number },
): Promise<ImportEntriesPage> {
  authorize(actor, 'imports.manage');
  await requireImport(id);
  const entries = await db().importEntry.findMany({
    where: { importId: id, state, id: { gt: after } },
    orderBy: { id: 'asc' },
    take: PAGE + 1,
    select: {
      id: true,
      path: true,
      size: true,
      reason: true,
      file: { select: { version: { select: { model: { select: { id: true, slug: true, name: true } } } } } },
    },
  });
  const page = entries.slice(0, PAGE);
  return {
    entries: page.map(({ file, size, ...entry }) => ({
      ...entry,
      size: Number(size),
      model: file?.version.model ?? null,
    })),
    next: entries.length > PAGE ? (page.at(-1)?.id ?? null) : null,
  };
}

/** A question about the entries of an import, as the address of a page asks it. */
export const IMPORT_ENTRIES = z.object({
  state: z.enum(['pending', 'imported', 'duplicate', 'refused', 'changed', 'vanished', 'passed_over']),
  after: z.coerce.number().int().min(0).default(0),
  format: z.enum(['json', 'csv']).default('json'),
});

/** All of them, as CSV in pieces. Throws AppError. */
export async function exportImportEntries(
  actor: Actor,
  id: number,
  state: ImportEntryState,
): Promise<AsyncGenerator<string>> {
  authorize(actor, 'imports.manage');
  await requireImport(id);
  return writeEntries(actor, id, state);
}

const COLUMNS = ['path', 'bytes', 'reason', 'model'];

async function* writeEntries(actor: Actor, id: number, state: ImportEntryState): AsyncGenerator<string> {
  for (let after: number | null = 0; after !== null; ) {
    const page: ImportEntriesPage = await listImportEntries(actor, id, { state, after });
    const rows = page.entries.map(({ path, size, reason, model }) => [path, size, reason, model?.name]);
    yield csvPiece(COLUMNS, rows, after === 0);
    after = page.next;
  }
}

/** Throws AppError where there is none of this id. */
export async function requireImport(id: number): Promise<void> {
  if ((await db().import.count({ where: { id } })) === 0) throw new AppError('not_found', 'Import not found.');
}

async function present(
  rows: readonly {
    id: number;
    root: string;
    tags: boolean;
    inPlace: boolean;
    changes: Prisma.JsonValue;
    schedule: string;
    watched: boolean;
    watchNote: string | null;
    state: ImportView['state'];
    message: string | null;
    createdAt: Date;
    searchedAt: Date | null;
    endedAt: Date | null;
    ownerId: string;
    starts: boolean;
    owner: { name: string };
  }[],
): Promise<ImportView[]> {
  const sums = await db().importEntry.groupBy({
    by: ['importId', 'state'],
    where: { importId: { in: rows.map(({ id }) => id) } },
    _count: true,
    _sum: { size: true },
  });
  return await Promise.all(
    rows.map(async ({ owner, createdAt, searchedAt, endedAt, changes, ownerId: _, starts: __, ...row }) => {
      const counts: ImportView['counts'] = {
        pending: none(),
        imported: none(),
        duplicate: none(),
        refused: none(),
        changed: none(),
        vanished: none(),
        passed_over: none(),
      };
      for (const { importId, state, _count, _sum } of sums)
        if (importId === row.id) counts[state] = { files: _count, bytes: Number(_sum.size ?? 0) };
      return {
        ...row,
        changes: CHANGES.tryRead(changes),
        name: basename(row.root),
        owner: owner.name,
        createdAt: createdAt.toISOString(),
        searchedAt: searchedAt?.toISOString() ?? null,
        endedAt: endedAt?.toISOString() ?? null,
        counts,
        known: row.state === 'ready' ? await countKnown(row.id) : 0,
      };
    }),
  );
}

const none = () => ({ files: 0, bytes: 0 });

/**
 * Of what is pending, those with the name and size of a file of the catalog, or the size of all files of a model in
 * several: most of them are the same.
 */
async function countKnown(importId: number): Promise<number> {
  const [row] = await db().$queryRaw<{ count: bigint }[]>`
    SELECT count(*) AS count FROM import_entry e
     WHERE e."importId" = ${importId} AND e.state = 'pending' AND (EXISTS (
       SELECT 1 FROM blob b JOIN model_file f ON f."sourceSha256" = b.sha256
        WHERE b.size = e.size AND f.filename = regexp_replace(e.path, '^.*/', ''))
        OR e.size IN (SELECT sum(b.size) FROM model_part p JOIN blob b ON b.sha256 = p.sha256
                       WHERE e.companions ? 'parts' GROUP BY p."fileId"))`;
  return Number(row?.count ?? 0);
}
