import { db, lockNames, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { addModelParts, deleteUnusedBlob, enterBlobs, type NewFile, storePartList } from '../ingest/index.ts';
import { blobStore } from '../storage/index.ts';
import { lockUploads, setUploadStates } from './change-upload.ts';
import { SET_FILES } from './columns.ts';

type Part = Pick<NewFile, 'sha256' | 'size' | 'hashes' | 'verifiedAt'>;

/**
 * Keeps a file of a model in several that is in the store, and enters the model when it was the last one. Can be done
 * twice. True where the model is complete. Throws AppError `unavailable` when the bytes were deleted a moment ago.
 */
export async function enterPart(setId: string, part: Part): Promise<boolean> {
  await db().$transaction(async (tx) => {
    await lockNames(tx, [part.sha256]);
    if (!(await blobStore().has(part.sha256)))
      throw new AppError('unavailable', 'The file was deleted during the upload. Upload it again.');
    await enterBlobs(tx, [part]);
  });
  const { layout, fileId } = await db().uploadSet.findUniqueOrThrow({
    where: { id: setId },
    select: { layout: true, fileId: true },
  });
  if (fileId !== null) return true;
  const files = await listReceived(db(), setId);
  if (files === null) return false;
  if (layout === 'file') throw new Error('A model in several files has the layout of one.');
  const list = await storePartList({ layout, parts: files.parts });
  const surplus = await db().$transaction(async (tx) => {
    const [set] = await tx.$queryRaw<{ userId: string; name: string; modelId: number | null }[]>`
      SELECT "userId", name, "modelId" FROM upload_set WHERE id = ${setId} AND "fileId" IS NULL FOR UPDATE`;
    const now = await listReceived(tx, setId);
    // Another process was faster.
    if (set === undefined || now === null) return [];
    const { userId: ownerId, name, modelId } = set;
    const added = await addModelParts(tx, { name, ownerId, modelId, layout, parts: files.parts }, list);
    await tx.uploadSet.update({ where: { id: setId }, data: { fileId: added.fileId } });
    const uploads = await lockUploads(tx, now.uploads);
    await setUploadStates(
      tx,
      [...uploads.values()].map((upload) => ({
        upload,
        state: added.duplicate ? ('duplicate' as const) : ('stored' as const),
        data: { fileId: added.fileId },
      })),
    );
    const used = new Set(files.parts.map(({ sha256 }) => sha256));
    return now.uploads.flatMap(({ sha256 }) => (sha256 === null || used.has(sha256) ? [] : [sha256]));
  });
  // Of a file that came twice at the same moment.
  for (const sha256 of surplus) await deleteUnusedBlob(sha256);
  return true;
}

/** Every file of a set by its path, with the uploads that brought them; null while one is missing. */
async function listReceived(tx: Tx, setId: string) {
  const set = await tx.uploadSet.findUnique({
    where: { id: setId },
    include: { uploads: { where: { state: 'received' }, orderBy: { createdAt: 'asc' } } },
  });
  if (set === null || set.fileId !== null) return null;
  const { uploads } = set;
  const blobs = await tx.blob.findMany({
    where: { sha256: { in: uploads.flatMap(({ sha256 }) => sha256 ?? []) } },
    select: { sha256: true, size: true },
  });
  const sizes = new Map(blobs.map(({ sha256, size }) => [sha256, Number(size)]));
  const parts: { path: string; sha256: string; size: number }[] = [];
  for (const { path } of SET_FILES.read(set.files) ?? []) {
    const sha256 = uploads.find((upload) => upload.path === path && sizes.has(upload.sha256 ?? ''))?.sha256;
    if (sha256 == null) return null;
    parts.push({ path, sha256, size: sizes.get(sha256) ?? 0 });
  }
  return { parts, uploads };
}
