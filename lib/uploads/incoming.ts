import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { Upload } from '@tus/server';
import { config } from '../config.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { lockQuotas } from '../quotas/index.ts';
import { createUpload } from './create-upload.ts';
import { dropUpload } from './drop-upload.ts';
import { cleanFilename } from './filename.ts';
import { finishUpload } from './finish.ts';
import { hasLapsed, lockRoom, renewRoom } from './room.ts';
import { uploadServer } from './tus.ts';

const MIB = 1024 * 1024;
/** Reserved for a file of unknown size, and each time that it needs more. */
const GROWTH = 64 * MIB;

/** A file that the service receives for a person by itself, and not by tus. */
export interface IncomingFile {
  userId: string;
  filename: string;
  /** Bytes; null where nobody knows yet. */
  size: number | null;
  /** Those that its source names, in hex: `sha256`, `blake3`, `autov2`, `crc32`. They are compared in the end. */
  digests: Readonly<Record<string, string>>;
  /** Of one of the files of a model in several (`insertUploadSet`). */
  setId?: string | null;
  path?: string | null;
}

/** Creates the upload that a file goes into: hashed, counted and kept like every other. Throws AppError. */
export async function createIncoming({
  userId,
  filename,
  size,
  digests,
  setId = null,
  path = null,
}: IncomingFile): Promise<string> {
  if (size !== null && size > config().maxUploadBytes)
    throw new AppError('too_large', 'The file is larger than the upload limit.');
  if (size === 0) throw new AppError('bad_request', 'The file is empty.');
  const id = randomUUID();
  const reserved = size ?? GROWTH;
  await createUpload({ id, userId, filename: cleanFilename(filename), size: reserved, modelId: null, setId, path });
  await uploadServer().store.create(new Upload({ id, size: reserved, offset: 0, metadata: { ...digests } }));
  return id;
}

/** Bytes of an upload that are there; null where it has ended, or expired. */
export async function receivedOf(id: string): Promise<number | null> {
  const { store } = uploadServer();
  return (await store.has(id)) ? await store.received(id) : null;
}

/**
 * Writes what `body` brings from `offset` on, with the upload's lock. Throws what the body ended with, and AppError where
 * there is no more room or quota for what was reserved.
 */
export async function receiveIncoming(
  id: string,
  body: Readable,
  { offset, isSizeKnown, signal }: { offset: number; isSizeKnown: boolean; signal: AbortSignal },
): Promise<void> {
  const { store, locks } = uploadServer();
  const { size, updatedAt } = await db().upload.findUniqueOrThrow({
    where: { id },
    select: { size: true, updatedAt: true },
  });
  if (hasLapsed(updatedAt)) await renewRoom(id);
  let failure: unknown = null;
  async function* pieces() {
    let received = offset;
    let reserved = Number(size);
    try {
      for await (const piece of body) {
        const { length } = piece as Buffer;
        // One that has all that is reserved would be taken for whole.
        while (!isSizeKnown && received + length >= reserved) {
          reserved += GROWTH;
          await reserve(id, reserved);
        }
        received += length;
        yield piece as Buffer;
      }
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  const stop = new AbortController();
  const stopped = AbortSignal.any([signal, stop.signal]);
  const lock = locks.newLock(id);
  await lock.lock(stopped, () => stop.abort());
  const source = Readable.from(pieces(), { objectMode: false, highWaterMark: 1 });
  // One that is left unread in the middle ends with an error that is nobody's.
  source.on('error', () => {});
  try {
    await store.write(source, id, offset);
  } catch (error) {
    throw failure ?? error;
  } finally {
    body.destroy();
    await lock.unlock();
  }
}

/** Reserves more for an upload of unknown size. Throws AppError. */
async function reserve(id: string, size: number): Promise<void> {
  if (size > config().maxUploadBytes + GROWTH)
    throw new AppError('too_large', 'The file is larger than the upload limit.');
  await db().$transaction(async (tx) => {
    const upload = await tx.upload.findUniqueOrThrow({ where: { id }, select: { userId: true, size: true } });
    const more = size - Number(upload.size);
    const accounts = await lockQuotas(tx, [upload.userId]);
    const overQuota = accounts.get(upload.userId)?.refusal({ bytes: more, files: 0 }) ?? null;
    if (overQuota !== null) throw new AppError('over_quota', overQuota);
    const noRoom = (await lockRoom(tx)).refusal(more);
    if (noRoom !== null) throw new AppError('no_room', noRoom);
    await tx.upload.update({ where: { id }, data: { size } });
  });
}

/**
 * Takes an upload of which all bytes are there into the store and the catalog. `refused` says why it was not taken.
 */
export async function finishIncoming(
  id: string,
): Promise<{ refused: string | null; fileId: number | null; isDuplicate: boolean }> {
  const { store, locks } = uploadServer();
  const refused = await locks.withLock(id, async (lost) => {
    const upload = await db().upload.findUniqueOrThrow({ where: { id }, select: { size: true, state: true } });
    if (upload.state === 'receiving') {
      const received = await store.received(id);
      if (received !== Number(upload.size)) {
        await db().upload.update({ where: { id }, data: { size: received } });
        await store.resize(id, received);
      }
    }
    return await finishUpload(store, id, lost);
  });
  const { fileId, state } = await db().upload.findUniqueOrThrow({
    where: { id },
    select: { fileId: true, state: true },
  });
  return { refused, fileId, isDuplicate: state === 'duplicate' };
}

/** Gives an upload up, with what is there of it. Nothing where it has ended. */
export async function dropIncoming(id: string, error: string): Promise<void> {
  const { store, locks } = uploadServer();
  await locks.withLock(id, () => dropUpload(store, id, 'aborted', error));
}
