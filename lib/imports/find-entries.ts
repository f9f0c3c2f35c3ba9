import { stampOf } from '#scanner/file-stamp.ts';
import { db, type ImportEntryState, type Tx } from '../db/index.ts';
import { renumberPlaces } from '../storage/index.ts';
import { CHANGES, COMPANIONS } from './columns.ts';
import { type FoundModel, PASSED_OVER } from './layouts/index.ts';
import { listRoots } from './roots.ts';
import { compareFolder, type FolderChanges, type ModelStamp, stampOfModel } from './watch/index.ts';

/** Rows of one statement. */
const ROWS = 1000;

/** A model that a search found before. */
interface Known extends ModelStamp {
  id: number;
  state: ImportEntryState;
  fileId: number | null;
}

/**
 * Searches the folder of an import and brings its entries into step with what is there: what is new or has changed is
 * `pending`, what is gone is `vanished`, and what keeps its bytes under another path keeps everything. In place only reading
 * a file tells whether it kept its bytes: what was imported of it and was changed, moved or away is `changed`. Reads no
 * model. Throws the signal's reason.
 */
export async function findEntries(
  { id: importId, root, inPlace }: { id: number; root: string; inPlace: boolean },
  signal: AbortSignal,
): Promise<void> {
  const known = await listKnown(importId);
  const changes = await compareFolder(root, known, { allowedRoots: [root, ...(await listRoots())], signal });
  await db().$transaction(
    async (tx) => {
      await renumber(tx, changes);
      await moveEntries(tx, changes, inPlace);
      await addEntries(tx, importId, changes, inPlace);
      await changeEntries(tx, known, changes, inPlace);
      await listPassedOver(tx, importId, changes);
      await tx.import.update({ where: { id: importId }, data: { changes: CHANGES.write(countChanges(changes)) } });
    },
    { timeout: 10 * 60_000 },
  );
}

/** As one value: 50,000 rows of Prisma's take longer than looking at the files. JSON has no numbers as large as these. */
async function listKnown(importId: number): Promise<Known[]> {
  const [{ rows }] = await db().$queryRaw<[{ rows: KnownRow[] | null }]>`
    SELECT json_agg(json_build_array(id, path, size::text, "mtimeNs"::text, inode::text, "ctimeNs"::text, device::text, state,
                                     "fileId")) AS rows
      FROM import_entry WHERE "importId" = ${importId} AND state <> 'passed_over'`;
  return (rows ?? []).map(([id, path, size, mtimeNs, inode, ctimeNs, device, state, fileId]) => ({
    id,
    path,
    size: BigInt(size),
    mtimeNs: BigInt(mtimeNs),
    inode: BigInt(inode),
    ctimeNs: ctimeNs === null ? null : BigInt(ctimeNs),
    device: device === null ? null : BigInt(device),
    state,
    fileId,
  }));
}

type KnownRow = [
  id: number,
  path: string,
  size: string,
  mtimeNs: string,
  inode: string,
  ctimeNs: string | null,
  device: string | null,
  state: ImportEntryState,
  fileId: number | null,
];

/** Nothing but the number of the device is another: its files need not be read. */
async function renumber(tx: Tx, { renumbered }: FolderChanges<Known>): Promise<void> {
  await renumberPlaces(
    tx,
    renumbered.flatMap(({ model }) =>
      model.files.map(({ size, mtimeNs, ctimeNs, inode, device }) =>
        stampOf({ size: BigInt(size), mtimeNs, ctimeNs, ino: inode, dev: device }),
      ),
    ),
  );
  await updateEntries(
    tx,
    renumbered.map(({ known, model }) => ({ id: known.id, device: stampOfModel(model).device })),
  );
}

async function moveEntries(tx: Tx, { moved }: FolderChanges<Known>, inPlace: boolean): Promise<void> {
  // Two that change their places with each other are never under the same path at once.
  await updateEntries(
    tx,
    moved.map(({ known }) => ({ id: known.id, path: `/moved/${known.id}` })),
  );
  await updateEntries(
    tx,
    moved.map(({ known, model }) => ({
      id: known.id,
      ...(inPlace ? stampColumns(model, true) : { path: stampOfModel(model).path }),
      tags: model.tags,
      companions: companionsOf(model),
      ...(inPlace && known.fileId !== null
        ? { state: 'changed' as const, reason: `Moved from ${known.path}.` }
        : stateAgain(known)),
    })),
  );
}

/** One that was gone and is there again. */
function stateAgain({ state, fileId }: Known): { state?: 'imported' | 'pending'; reason?: null } {
  if (state !== 'vanished') return {};
  return { state: fileId === null ? 'pending' : 'imported', reason: null };
}

async function addEntries(tx: Tx, importId: number, { added }: FolderChanges<Known>, inPlace: boolean): Promise<void> {
  // Under the path of something that was passed over before there is a model now.
  await tx.importEntry.deleteMany({ where: { importId, state: 'passed_over' } });
  for (let from = 0; from < added.length; from += ROWS)
    await tx.importEntry.createMany({
      data: added.slice(from, from + ROWS).map((model) => ({ importId, ...rowOf(model, inPlace), state: 'pending' })),
      skipDuplicates: true,
    });
}

async function changeEntries(
  tx: Tx,
  known: readonly Known[],
  { changed, vanished, unreachable }: FolderChanges<Known>,
  inPlace: boolean,
): Promise<void> {
  await updateEntries(
    tx,
    changed.map(({ known: { id, fileId }, model }) => ({
      id,
      reason: null,
      ...rowOf(model, inPlace),
      state: inPlace && fileId !== null ? 'changed' : 'pending',
    })),
  );
  const gone = new Set(vanished.map(({ id }) => id));
  const away = new Set(unreachable.map(({ id }) => id));
  const back = known.filter((entry) => entry.state === 'vanished' && !gone.has(entry.id) && !away.has(entry.id));
  const others = new Set(changed.map(({ known: { id } }) => id));
  await updateEntries(
    tx,
    back
      .filter(({ id }) => !others.has(id))
      .map((entry) => ({
        id: entry.id,
        ...(inPlace && entry.fileId !== null
          ? { state: 'changed' as const, reason: 'The file is back.' }
          : stateAgain(entry)),
      })),
  );
  await tx.importEntry.updateMany({
    where: { id: { in: [...gone] } },
    data: {
      state: 'vanished',
      reason: inPlace ? GONE_IN_PLACE : 'The file no longer exists. What was imported of it stays.',
    },
  });
}

const GONE_IN_PLACE = 'The file no longer exists. Its model cannot be downloaded until the file is back.';

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

type EntryChange = { id: number; path?: string; state?: ImportEntryState; reason?: string | null } & Partial<
  Omit<ReturnType<typeof rowOf>, 'path'>
>;

/** Changes columns of many entries; each row of a call names the same ones. */
async function updateEntries(tx: Tx, changes: readonly EntryChange[]): Promise<void> {
  for (let from = 0; from < changes.length; from += ROWS) {
    const rows = JSON.stringify(changes.slice(from, from + ROWS), (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    // A column that a row does not name stays as it is.
    await tx.$executeRaw`
      UPDATE import_entry e SET
        path = coalesce(r.path, e.path), size = coalesce(r.size, e.size), "mtimeNs" = coalesce(r."mtimeNs", e."mtimeNs"),
        inode = coalesce(r.inode, e.inode), "ctimeNs" = coalesce(r."ctimeNs", e."ctimeNs"),
        device = coalesce(r.device, e.device), state = coalesce(r.state::"ImportEntryState", e.state),
        name = CASE WHEN r.given ? 'name' THEN r.name ELSE e.name END,
        reason = CASE WHEN r.given ? 'reason' THEN r.reason ELSE e.reason END,
        companions = coalesce(r.companions, e.companions),
        tags = CASE WHEN r.given ? 'tags' THEN ARRAY(SELECT jsonb_array_elements_text(r.tags)) ELSE e.tags END
        FROM (SELECT v AS given, c.* FROM jsonb_array_elements(${rows}::jsonb) AS v,
                     jsonb_to_record(v) AS c(id int, path text, size bigint, "mtimeNs" bigint, inode bigint,
                       "ctimeNs" bigint, device bigint, state text, name text, reason text, companions jsonb, tags jsonb)) r
       WHERE e.id = r.id`;
  }
}

function countChanges({ added, changed, moved, vanished }: FolderChanges<Known>) {
  return {
    added: added.length,
    changed: changed.length,
    moved: moved.length,
    vanished: vanished.filter(({ state }) => state !== 'vanished').length,
  };
}

function rowOf(model: FoundModel, inPlace: boolean) {
  return {
    ...stampColumns(model, inPlace),
    name: model.name ?? null,
    tags: model.tags,
    companions: companionsOf(model),
  };
}

/** What a copy is not held against stays empty. */
function stampColumns(model: FoundModel, inPlace: boolean) {
  const { path, size, mtimeNs, inode, ctimeNs, device } = stampOfModel(model);
  return { path, size, mtimeNs, inode, ...(inPlace ? { ctimeNs, device } : {}) };
}

function companionsOf({ kind, files, sidecars, previews }: FoundModel) {
  return COMPANIONS.write({
    sidecars: sidecars.map(({ path }) => path),
    previews: previews.map(({ path }) => path),
    ...(kind === 'file' ? {} : { layout: kind, parts: files.map(({ path }) => path) }),
  });
}
