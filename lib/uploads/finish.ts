import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { checkSidecar, MAX_SIDECAR_BYTES, readSidecarName } from '#scanner/sidecars/index.ts';
import { audit } from '../audit/index.ts';
import { db, type Prisma, type Tx, type UploadState } from '../db/index.ts';
import { publish } from '../events/index.ts';
import { addFile } from '../ingest/index.ts';
import { storeSidecar } from '../sidecars/index.ts';
import { blobStore, DigestError } from '../storage/index.ts';
import type { HashingStore } from './hashing-store.ts';

type Upload = Prisma.UploadGetPayload<object>;

interface UploadChange {
  error?: string;
  sha256?: string;
  offset?: bigint;
  fileId?: number | null;
  sidecarId?: number;
}

/** Changes the state of an upload that has not ended, in a transaction of its own. */
export async function changeUpload(id: string, state: UploadState, data: UploadChange = {}): Promise<void> {
  await db().$transaction(async (tx) => {
    const before = await lockUpload(tx, id);
    if (before !== null) await setUploadState(tx, before, state, data);
  });
}

/** An upload whose row the caller's transaction holds. */
interface LockedUpload {
  id: string;
  userId: string;
  state: UploadState;
}

/** Changes an upload's state, with its audit row and the event, in the caller's transaction. */
async function setUploadState(
  tx: Tx,
  { id, userId, state: before }: LockedUpload,
  state: UploadState,
  data: UploadChange,
): Promise<void> {
  await tx.upload.update({ where: { id }, data: { state, ...data }, select: { id: true } });
  const { sha256: _sha256, offset: _offset, ...outcome } = data;
  await audit(tx, {
    actor: userId,
    action: 'upload.state',
    subject: 'upload',
    subjectId: id,
    before: { state: before },
    after: { state, ...outcome },
  });
  await publish(tx, { kind: 'upload', uploadId: id, userId });
}

/**
 * Takes a whole upload into the store and the catalog: received, then stored or recognised as a duplicate. Every step
 * can be done twice, so that it goes on after a crash. `lost` is of the upload's lock, which the caller holds. Returns
 * null, or the sentence that says why the upload was refused.
 */
export async function finishUpload(store: HashingStore, id: string, lost: AbortSignal): Promise<string | null> {
  const upload = await db().upload.findUniqueOrThrow({ where: { id } });
  if (!isOpen(upload.state)) {
    await store.forget(id);
    return upload.error;
  }
  const size = Number(upload.size);
  const sha256 = upload.sha256 ?? (await store.digest(id, size));
  const { sha256: declared = null } = await store.metadataOf(id);
  if (declared !== null && declared.toLowerCase() !== sha256)
    return await refuse(
      store,
      id,
      'The SHA-256 of the received file does not match the sent file. Upload the file again.',
    );
  lost.throwIfAborted();
  if (upload.state === 'receiving') await changeUpload(id, 'received', { sha256, offset: upload.size });
  try {
    const sidecar = await readSidecar(store, upload, sha256);
    lost.throwIfAborted();
    if (sidecar !== null) await storeUploadedSidecar(upload, sidecar);
    else await storeModelFile(store, upload, sha256);
  } catch (error) {
    if (!(error instanceof DigestError)) throw error;
    return await refuse(store, id, 'The received data changed on the server. Upload the file again.');
  }
  await store.forget(id);
  return null;
}

async function refuse(store: HashingStore, id: string, error: string): Promise<string> {
  await changeUpload(id, 'aborted', { error });
  await store.forget(id);
  return error;
}

async function storeModelFile(store: HashingStore, upload: Upload, sha256: string): Promise<void> {
  const { id, userId, filename, modelId } = upload;
  const size = Number(upload.size);
  if (!(await blobStore().has(sha256))) {
    const own = await store.ownFile(id, size);
    if (own !== null) await blobStore().adopt(own, sha256);
    // What several processes wrote is put together in a file of its own, and is what its digest says or nothing.
    else await blobStore().add(store.readBytes(id, 0, size), sha256);
  }
  await db().$transaction(async (tx) => {
    const open = await lockUpload(tx, id);
    if (open === null) return;
    const { fileId, duplicate } = await addFile(tx, { filename, sha256, size, ownerId: userId, modelId });
    await setUploadState(tx, open, duplicate ? 'duplicate' : 'stored', { fileId });
  });
}

/** Holds an upload's row until the transaction ends. Null where the upload has ended. */
async function lockUpload(tx: Tx, id: string): Promise<LockedUpload | null> {
  const [row] = await tx.$queryRaw<LockedUpload[]>`
    SELECT id, "userId", state::text AS state FROM upload WHERE id = ${id} FOR UPDATE`;
  return row !== undefined && isOpen(row.state) ? row : null;
}

function isOpen(state: UploadState): boolean {
  return state === 'receiving' || state === 'received';
}

/** The bytes and media type of an upload that is what a sidecar's name promises; null for all that is to be scanned. */
async function readSidecar(store: HashingStore, { id, filename, size }: Upload, sha256: string) {
  const name = readSidecarName(filename);
  if (name === null || size > MAX_SIDECAR_BYTES) return null;
  // Where an earlier try got as far as the store, it was none.
  if ((await store.received(id)) < size) return null;
  const content = await buffer(store.readBytes(id, 0, Number(size)));
  if (createHash('sha256').update(content).digest('hex') !== sha256)
    throw new DigestError('The received data changed.');
  const mediaType = checkSidecar(name.kind, content);
  return mediaType === null ? null : { content, mediaType };
}

async function storeUploadedSidecar(
  { id, userId, filename }: Upload,
  sidecar: { content: Buffer; mediaType: string },
): Promise<void> {
  await db().$transaction(async (tx) => {
    const open = await lockUpload(tx, id);
    if (open === null) return;
    const stored = await storeSidecar(tx, { filename, ownerId: userId, ...sidecar });
    await setUploadState(tx, open, 'stored', { sidecarId: stored.id, fileId: stored.fileId });
  });
}
