import type { Actor } from '../accounts/index.ts';
import { db, type Tx } from '../db/index.ts';
import { publish } from '../events/index.ts';
import { addFiles, addModelParts, type NewFile } from '../ingest/index.ts';
import { keepSidecars } from '../sidecars/index.ts';
import { requireRoom } from '../uploads/index.ts';
import { addCompanions, readSidecars } from './add-companions.ts';
import { COMPANIONS } from './columns.ts';
import { listRoots } from './roots.ts';
import { RefusedEntry, type StoredModel, storeEntry, storeModelEntry } from './store-entry.ts';

/** Models that enter the catalog in one transaction, and the bytes of them. */
const BATCH = 16;
const BATCH_BYTES = 64n * 1024n * 1024n;

interface ImportRow {
  id: number;
  root: string;
  tags: boolean;
  inPlace: boolean;
  watched: boolean;
  ownerId: string;
}

type Pending = Awaited<ReturnType<typeof takePending>>[number];

/**
 * Imports what is pending, some models at a time: each is copied or read where it stays, entered, given what lies beside it, and only then marked.
 * What a crash cuts off is done again, with the same end. False where `goesOn` says so before all is done. Throws AppError
 * `no_room` where the next ones find none.
 */
export async function importEntries(actor: Actor, row: ImportRow, goesOn: () => Promise<boolean>): Promise<boolean> {
  const roots = await listRoots();
  for (;;) {
    if (!(await goesOn())) return false;
    const entries = await takePending(row.id);
    if (entries.length === 0) return true;
    if (!row.inPlace) await requireRoom(Number(entries.reduce((sum, { size }) => sum + size, 0n)));
    const options = { roots, knownSizes: await findKnownSizes(entries) };
    const stored = await Promise.all(entries.map((entry) => store(row, options, entry)));
    const files = stored.flatMap(({ entry, file }) => (file === null || 'list' in file ? [] : [{ entry, file }]));
    const models = stored.flatMap(({ entry, file }) => (file !== null && 'list' in file ? [{ entry, file }] : []));
    const place = { root: row.root, roots };
    const sidecars = new Map(
      await Promise.all(
        files.map(
          async ({ entry }) => [entry, await readSidecars(actor.id, place, companionsOf(entry).sidecars)] as const,
        ),
      ),
    );
    const added = await db().$transaction(async (tx) => {
      const all = await addFiles(
        tx,
        files.map(({ file }) => file),
      );
      const entered = files.map(({ entry }, index) => ({ entry, ...(all[index] ?? missing()) }));
      // Its ingest begins when this ends, and is to know what they say: later it would be identified once more.
      await keepSidecars(
        tx,
        entered.flatMap(({ entry, fileId, duplicate }) =>
          duplicate ? [] : (sidecars.get(entry) ?? []).map((sidecar) => ({ ...sidecar, fileId })),
        ),
      );
      for (const { entry, file } of models) entered.push({ entry, ...(await addModelParts(tx, file, file.list)) });
      await keepFileIds(tx, entered);
      return entered;
    });
    for (const { entry, fileId, duplicate } of added) {
      // The file of an earlier try is its own, not that of another.
      const isOwn = !duplicate || entry.fileId === fileId;
      // What people changed of its model since stays.
      const isKnown = duplicate && entry.state === 'changed';
      if (isOwn && !isKnown) {
        const companions = companionsOf(entry);
        // Those of a file that has just entered came in with it.
        const left = sidecars.has(entry) && !duplicate ? [] : companions.sidecars;
        const tags = row.tags ? entry.tags : [];
        await addCompanions(actor, fileId, place, { ...entry, ...companions, sidecars: left, tags });
      }
      await markEntry(row.id, entry, { fileId, isOwn, isKnown });
    }
    await publish(db(), { kind: 'import', importId: row.id, ownerId: row.ownerId });
  }
}

function companionsOf({ companions }: Pending) {
  return COMPANIONS.tryRead(companions) ?? { sidecars: [], previews: [] };
}

/** Writes down what became of an entry. The file of one that is gone is the same, at another place of the folder. */
async function markEntry(
  importId: number,
  entry: Pending,
  { fileId, isOwn, isKnown }: { fileId: number; isOwn: boolean; isKnown: boolean },
): Promise<void> {
  if (isOwn) {
    const reason = isKnown ? (entry.reason ?? TOUCHED) : reasonOf(entry);
    await db().importEntry.update({ where: { id: entry.id }, data: { fileId, state: 'imported', reason } });
    return;
  }
  await db().$transaction(async (tx) => {
    const moved = await tx.importEntry.findFirst({
      where: { importId, fileId, state: 'vanished', id: { not: entry.id } },
    });
    if (moved !== null) await tx.importEntry.delete({ where: { id: moved.id } });
    await tx.importEntry.update({
      where: { id: entry.id },
      data:
        moved === null
          ? { fileId, state: 'duplicate', reason: 'The catalog has this file.' }
          : { fileId, state: 'imported', reason: `Moved from ${moved.path}.` },
    });
  });
}

const TOUCHED = 'The file was changed on the disk and has the same bytes.';

function reasonOf({ state }: Pending): string | null {
  return state === 'changed' ? 'The file has other bytes. They are a new version of its model.' : null;
}

/** Of these, the sizes that blobs of the catalog have. */
async function findKnownSizes(entries: readonly Pending[]): Promise<Set<bigint>> {
  const blobs = await db().blob.findMany({
    where: { size: { in: entries.map(({ size }) => size) } },
    select: { size: true },
    distinct: ['size'],
  });
  return new Set(blobs.map(({ size }) => size));
}

/** With the file itself, so that a later try knows it as its own. */
async function keepFileIds(tx: Tx, entered: readonly { entry: Pending; fileId: number; duplicate: boolean }[]) {
  const rows = entered.flatMap(({ entry: { id }, fileId, duplicate }) => (duplicate ? [] : [{ id, fileId }]));
  if (rows.length === 0) return;
  await tx.$executeRaw`
    UPDATE import_entry SET "fileId" = r."fileId"
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(id int, "fileId" int) WHERE import_entry.id = r.id`;
}

function missing(): never {
  throw new Error('A file was not entered.');
}

async function takePending(importId: number) {
  const entries = await db().importEntry.findMany({
    where: { importId, state: { in: ['pending', 'changed'] } },
    orderBy: { id: 'asc' },
    take: BATCH,
    include: { file: { select: { version: { select: { modelId: true } } } } },
  });
  let bytes = 0n;
  const fitting = entries.findIndex(({ size }) => {
    bytes += size;
    return bytes > BATCH_BYTES;
  });
  return fitting === -1 ? entries : entries.slice(0, Math.max(1, fitting));
}

/** Takes one. What is wrong with it is written down, and the others go on. */
async function store(
  { root, ownerId, inPlace, watched }: ImportRow,
  { roots, knownSizes }: { roots: readonly string[]; knownSizes: ReadonlySet<bigint> },
  entry: Pending,
): Promise<{ entry: Pending; file: NewFile | StoredModel | null }> {
  try {
    // Other bytes at the path of a model are its new version.
    const modelId = entry.file?.version.modelId ?? null;
    const { layout, parts } = COMPANIONS.tryRead(entry.companions) ?? {};
    const options = { root, roots, ownerId, modelId, inPlace, watched, knownSizes };
    if (layout === undefined || parts === undefined) return { entry, file: await storeEntry(entry, options) };
    return { entry, file: await storeModelEntry(entry, { layout, parts }, options) };
  } catch (error) {
    if (!(error instanceof RefusedEntry)) throw error;
    await db().importEntry.update({
      where: { id: entry.id },
      data: { state: 'refused', reason: error.message, ...(error.isPassing ? { mtimeNs: 0n } : {}) },
    });
    return { entry, file: null };
  }
}
