import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Hashes } from '#scanner/hashes/index.ts';
import { checkSidecar, MAX_SIDECAR_BYTES, readSidecarName } from '#scanner/sidecars/index.ts';
import { db, GroupCommit, type Prisma, type Tx } from '../db/index.ts';
import { addFiles, type NewFile, type StoredHashes } from '../ingest/index.ts';
import { storeSidecar } from '../sidecars/index.ts';
import { blobStore, DigestError } from '../storage/index.ts';
import { changeUpload, isOpen, lockUploads, setUploadStates } from './change-upload.ts';
import { dropUpload } from './drop-upload.ts';
import { enterPart } from './enter-part.ts';
import type { HashingStore } from './hashing-store.ts';

type Upload = Prisma.UploadGetPayload<object>;

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
  // Of one that was received before a restart, its bytes may be in the store by now, and its name alone is kept.
  const hashes = upload.sha256 === null ? await store.digests(id) : { sha256: upload.sha256 };
  const { sha256 } = hashes;
  const wrong = findWrongDigest(await store.metadataOf(id), hashes);
  if (wrong !== null)
    return await refuse(
      store,
      id,
      `The ${wrong} of the received file does not match the sent file. Upload the file again.`,
    );
  lost.throwIfAborted();
  if (upload.state === 'receiving') await changeUpload(id, 'received', { sha256, offset: upload.size });
  try {
    const sidecar = upload.setId === null ? await readSidecar(store, upload, sha256) : null;
    lost.throwIfAborted();
    if (sidecar !== null) await storeUploadedSidecar(upload, sidecar);
    else if (upload.setId === null) await storeModelFile(store, upload, hashes);
    else if (await enterPart(upload.setId, await storeBytes(store, upload, hashes)))
      // Of a file that came twice the second one is left over; the others have become the model's.
      await dropUpload(store, id, 'aborted', 'The server already has this file of the model.');
  } catch (error) {
    if (!(error instanceof DigestError)) throw error;
    return await refuse(store, id, 'The received data changed on the server. Upload the file again.');
  }
  await store.forget(id);
  return null;
}

/** The name of a digest that was declared for the upload and that its bytes do not have; null where there is none. */
function findWrongDigest(metadata: Readonly<Record<string, string | null>>, hashes: StoredHashes): string | null {
  const wrong = DIGESTS.find(({ key }) => {
    const declared = metadata[key]?.toLowerCase();
    const computed = key in hashes ? (hashes as Hashes)[key] : undefined;
    return declared !== undefined && typeof computed === 'string' && declared !== computed;
  });
  return wrong?.name ?? null;
}

/** Digests that may be declared for an upload, in the metadata of tus. */
const DIGESTS = [
  { key: 'sha256', name: 'SHA-256' },
  { key: 'blake3', name: 'BLAKE3' },
  { key: 'autov2', name: 'AutoV2' },
  { key: 'crc32', name: 'CRC-32' },
] as const;

async function refuse(store: HashingStore, id: string, error: string): Promise<string> {
  await dropUpload(store, id, 'aborted', error);
  return error;
}

async function storeModelFile(store: HashingStore, upload: Upload, hashes: StoredHashes): Promise<void> {
  const { id, userId, filename, modelId } = upload;
  const file = { filename, ownerId: userId, modelId, ...(await storeBytes(store, upload, hashes)) };
  // A new version changes a model that others may be changing: it keeps nobody else waiting for that.
  if (modelId === null) await entering.run({ id, file });
  else await db().$transaction((tx) => enterUploads(tx, [{ id, file }]));
}

/** Moves the bytes of an upload into the store, where they are not there. */
async function storeBytes(
  store: HashingStore,
  upload: Upload,
  hashes: StoredHashes,
): Promise<Pick<NewFile, 'sha256' | 'size' | 'verifiedAt'> & { hashes: StoredHashes }> {
  const { id } = upload;
  const size = Number(upload.size);
  const { sha256 } = hashes;
  let verifiedAt: Date | null = null;
  if (!(await blobStore().has(sha256))) {
    const own = await store.ownFile(id, size);
    // What several processes wrote is put together in a file of its own, and is what its digest says or nothing.
    const stored =
      own === null
        ? await blobStore().add(store.readBytes(id, 0, size), sha256)
        : // Digests of this moment are those of the bytes as they lie there: `RunningHash` has read them back.
          await blobStore().adopt(own, sha256, size, { isReadBack: upload.sha256 === null });
    if (stored.isVerified) verifiedAt = await blobStore().changedAt(sha256);
  }
  return { sha256, size, hashes, verifiedAt };
}

interface UploadEntry {
  id: string;
  file: NewFile;
}

/** Uploads that end at the same time enter the catalog together. */
const entering = new GroupCommit(enterUploads);

async function enterUploads(tx: Tx, entries: readonly UploadEntry[]): Promise<undefined[]> {
  const open = await lockUploads(tx, entries);
  const wanted = entries.flatMap(({ id, file }) => {
    const upload = open.get(id);
    return upload === undefined ? [] : [{ upload, file }];
  });
  const added = await addFiles(
    tx,
    wanted.map(({ file }) => file),
  );
  await setUploadStates(
    tx,
    added.flatMap(({ fileId, duplicate }, index) => {
      const upload = wanted[index]?.upload;
      return upload === undefined ? [] : [{ upload, state: duplicate ? 'duplicate' : 'stored', data: { fileId } }];
    }),
  );
  return entries.map(() => undefined);
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
    const upload = (await lockUploads(tx, [{ id }])).get(id);
    if (upload === undefined) return;
    const { id: sidecarId, fileId } = await storeSidecar(tx, { filename, ownerId: userId, ...sidecar });
    await setUploadStates(tx, [{ upload, state: 'stored', data: { sidecarId, fileId } }]);
  });
}
