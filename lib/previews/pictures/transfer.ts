import { createHash } from 'node:crypto';
import { type Actor, authorize } from '../../accounts/index.ts';
import { db } from '../../db/index.ts';
import { AppError } from '../../errors.ts';
import { pictureFormat } from '../../pictures/index.ts';
import { workStore } from '../../storage/index.ts';
import { registerBlob } from './store-picture.ts';

/** A grid of many tiles is the largest that workers upload. */
export const MAX_TRANSFER_BYTES = 128 * 1024 * 1024;
const DIGEST = /^[0-9a-f]{64}$/;

/**
 * What a worker on another machine may fetch: files that were converted and read back, and pictures; never an original.
 * Throws AppError.
 */
export async function findTransfer(actor: Actor | null, sha256: string) {
  authorize(actor, 'store.transfer');
  const blob = DIGEST.test(sha256)
    ? await db().blob.findFirst({
        where: {
          sha256,
          OR: [
            { converted: { some: { conversion: 'converted' } } },
            { pictures: { some: {} } },
            { thumbnails: { some: {} } },
          ],
        },
      })
    : null;
  if (blob === null) throw new AppError('not_found', 'The store does not have this file for workers.');
  return { sha256, size: Number(blob.size), filename: sha256, modifiedAt: blob.createdAt };
}

/**
 * Takes a picture that a worker on another machine rendered. It belongs to nobody until the worker enters it; the sweep
 * drops what never is. `read` is asked once the worker is known. Throws AppError where it is too large, no picture, or
 * not what its digest says.
 */
export async function storeTransfer(
  actor: Actor | null,
  sha256: string,
  read: () => Promise<Uint8Array>,
): Promise<void> {
  authorize(actor, 'store.transfer');
  const bytes = await read();
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new AppError('bad_request', 'The SHA-256 of the data does not match the address.');
  const format = pictureFormat(bytes);
  if (format !== 'png' && format !== 'webp')
    throw new AppError('unsupported', 'Workers can only send PNG and WebP images.');
  await workStore().put(bytes);
  await db().$transaction((tx) => registerBlob(tx, sha256, bytes.length));
}
