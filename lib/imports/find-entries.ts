import { db, type Tx } from '../db/index.ts';
import { COMPANIONS } from './columns.ts';
import { type FoundModel, PASSED_OVER } from './layouts/index.ts';
import { listRoots } from './roots.ts';
import { compareFolder, type FolderChanges, stampOfModel } from './watch/index.ts';

/** Rows of one statement. */
const ROWS = 1000;

type Known = Awaited<ReturnType<typeof listKnown>>[number];

/**
 * Searches the folder of an import and brings its entries into step with what is there: what is new or has changed is
 * `pending`, what is gone is `vanished`, and what keeps its bytes under another path keeps everything. Reads no model.
 * Throws the signal's reason.
 */
export async function findEntries(importId: number, root: string, signal: AbortSignal): Promise<void> {
  const known = await listKnown(importId);
  const changes = await compareFolder(root, known, { allowedRoots: [root, ...(await listRoots())], signal });
  await db().$transaction(
    async (tx) => {
      await moveEntries(tx, changes);
      await addEntries(tx, importId, changes);
      await changeEntries(tx, known, changes);
      await listPassedOver(tx, importId, changes);
    },
    { timeout: 10 * 60_000 },
  );
}

async function listKnown(importId: number) {
  return await db().importEntry.findMany({
    where: { importId, state: { not: 'passed_over' } },
    select: { id: true, path: true, size: true, mtimeNs: true, inode: true, state: true, fileId: true },
  });
}

async function moveEntries(tx: Tx, { moved }: FolderChanges<Known>): Promise<void> {
  // Two that change their places with each other are never under the same path at once.
  for (const { known } of moved)
    await tx.importEntry.update({ where: { id: known.id }, data: { path: `/moved/${known.id}` } });
  for (const { known, model } of moved) {
    const path = stampOfModel(model).path;
    await tx.importEntry.update({
      where: { id: known.id },
      data: { path, tags: model.tags, companions: companionsOf(model), ...stateAgain(known) },
    });
  }
}

/** One that was gone and is there again. */
function stateAgain({ state, fileId }: Known): { state?: 'imported' | 'pending'; reason?: null } {
  if (state !== 'vanished') return {};
  return { state: fileId === null ? 'pending' : 'imported', reason: null };
}

async function addEntries(tx: Tx, importId: number, { added }: FolderChanges<Known>): Promise<void> {
  // Under the path of something that was passed over before there is a model now.
  await tx.importEntry.deleteMany({ where: { importId, state: 'passed_over' } });
  for (let from = 0; from < added.length; from += ROWS)
    await tx.importEntry.createMany({
      data: added.slice(from, from + ROWS).map((model) => ({ importId, ...rowOf(model) })),
      skipDuplicates: true,
    });
}

async function changeEntries(tx: Tx, known: readonly Known[], changes: FolderChanges<Known>): Promise<void> {
  for (const { known: entry, model } of changes.changed)
    await tx.importEntry.update({ where: { id: entry.id }, data: { reason: null, ...rowOf(model) } });
  const gone = new Set(changes.vanished.map(({ id }) => id));
  const away = new Set(changes.unreachable.map(({ id }) => id));
  const back = known.filter((entry) => entry.state === 'vanished' && !gone.has(entry.id) && !away.has(entry.id));
  for (const entry of back) await tx.importEntry.update({ where: { id: entry.id }, data: stateAgain(entry) });
  await tx.importEntry.updateMany({
    where: { id: { in: [...gone] } },
    data: { state: 'vanished', reason: 'The file no longer exists. What was imported of it stays.' },
  });
}

async function listPassedOver(tx: Tx, importId: number, { passedOver }: FolderChanges<Known>): Promise<void> {
  const rows = passedOver.map(({ path, why, detail }) => ({
    importId,
    path: path === '' ? '.' : path,
    state: 'passed_over' as const,
    reason: detail === undefined ? PASSED_OVER[why] : `${PASSED_OVER[why]} ${detail}`,
    tags: [],
  }));
  for (let from = 0; from < rows.length; from += ROWS)
    await tx.importEntry.createMany({ data: rows.slice(from, from + ROWS), skipDuplicates: true });
}

function rowOf(model: FoundModel) {
  return {
    ...stampOfModel(model),
    name: model.name ?? null,
    tags: model.tags,
    companions: companionsOf(model),
    state: 'pending' as const,
  };
}

function companionsOf({ kind, files, sidecars, previews }: FoundModel) {
  return COMPANIONS.write({
    sidecars: sidecars.map(({ path }) => path),
    previews: previews.map(({ path }) => path),
    ...(kind === 'file' ? {} : { layout: kind, parts: files.map(({ path }) => path) }),
  });
}
