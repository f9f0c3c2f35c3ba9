import { readFile, stat } from 'node:fs/promises';
import { checkSidecar, MAX_SIDECAR_BYTES, readSidecarName } from '#scanner/sidecars/index.ts';
import { audit } from '../audit/index.ts';
import { db, type Prisma, type Tx, type UploadState } from '../db/index.ts';
import { publish } from '../events/index.ts';
import { addFile } from '../ingest/index.ts';
import { log } from '../log.ts';
import { storeSidecar } from '../sidecars/index.ts';
import { blobStore } from '../storage/index.ts';
import type { HashingStore } from './hashing-store.ts';

type Upload = Prisma.UploadGetPayload<object>;

interface UploadChange {
  error?: string;
  sha256?: string;
  offset?: bigint;
  fileId?: number | null;
  sidecarId?: number;
}

/** Changes an upload's state in a transaction of its own. */
export async function changeUpload(id: string, state: UploadState, data: UploadChange = {}): Promise<void> {
  await db().$transaction((tx) => setUploadState(tx, id, state, data));
}

/** Changes an upload's state, with its audit row and the event, in the caller's transaction. */
async function setUploadState(tx: Tx, id: string, state: UploadState, data: UploadChange): Promise<void> {
  const { userId, state: before } = await tx.upload.findUniqueOrThrow({ where: { id } });
  await tx.upload.update({ where: { id }, data: { state, ...data } });
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
 * can be done twice, so that it goes on after a crash. Returns null, or the sentence that says why the upload was refused.
 */
export async function finishUpload(
  store: HashingStore,
  id: string,
  declaredSha256: string | null,
): Promise<string | null> {
  const upload = await db().upload.findUniqueOrThrow({ where: { id } });
  const size = Number(upload.size);
  const sha256 = upload.sha256 ?? (await store.digest(id, size));
  if (declaredSha256 !== null && declaredSha256.toLowerCase() !== sha256) {
    const error = 'The SHA-256 of the received file does not match the sent file. Upload the file again.';
    await store.forget(id);
    await changeUpload(id, 'aborted', { error });
    return error;
  }
  if (upload.state === 'receiving') await changeUpload(id, 'received', { sha256, offset: upload.size });

  const sidecar = await readSidecar(store.pathOf(id), upload);
  if (sidecar !== null) {
    await storeUploadedSidecar(upload, sidecar);
    await store.forget(id);
    return null;
  }
  if (!(await blobStore().has(sha256))) await blobStore().put(store.pathOf(id), sha256);
  await db().$transaction(async (tx) => {
    const { userId, filename, modelId } = upload;
    const { fileId, duplicate } = await addFile(tx, { filename, sha256, size, ownerId: userId, modelId });
    await setUploadState(tx, id, duplicate ? 'duplicate' : 'stored', { fileId });
  });
  await store.forget(id);
  return null;
}

/** The bytes and media type of an upload that is what a sidecar's name promises; null for all that is to be scanned. */
async function readSidecar(path: string, { filename, size }: Upload) {
  const name = readSidecarName(filename);
  if (name === null || size > MAX_SIDECAR_BYTES) return null;
  const content = await readFile(path);
  const mediaType = checkSidecar(name.kind, content);
  return mediaType === null ? null : { content, mediaType };
}

async function storeUploadedSidecar(
  { id, userId, filename, sidecarId }: Upload,
  sidecar: { content: Buffer; mediaType: string },
): Promise<void> {
  if (sidecarId !== null) return;
  await db().$transaction(async (tx) => {
    const stored = await storeSidecar(tx, { filename, ownerId: userId, ...sidecar });
    await setUploadState(tx, id, 'stored', { sidecarId: stored.id, fileId: stored.fileId });
  });
}

/** At start: finishes the uploads whose bytes were all here when the service stopped. */
export async function recoverUploads(store: HashingStore): Promise<void> {
  const open = await db().upload.findMany({ where: { state: { in: ['receiving', 'received'] } } });
  for (const { id, size, state } of open) {
    const onDisk = await stat(store.pathOf(id)).catch(() => null);
    if (state === 'receiving' && onDisk?.size !== Number(size)) continue;
    await finishUpload(store, id, null).catch((error: Error) =>
      log('uploads').error({ id, error: error.message }, 'An upload could not be finished.'),
    );
  }
}
