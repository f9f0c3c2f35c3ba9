import { config } from '../../config.ts';
import { db, type Tx } from '../../db/index.ts';
import { AppError } from '../../errors.ts';
import { deleteUnusedBlob, lockBlob } from '../../ingest/index.ts';
import type { AcceptedPicture } from '../../pictures/index.ts';
import { blobStore, workStore } from '../../storage/index.ts';

/** A picture with what stands for it while it loads, as it is to be kept. */
export type NewPicture = Pick<AcceptedPicture, 'bytes' | 'mediaType' | 'width' | 'height' | 'blur'> & {
  thumbnail: { bytes: Uint8Array };
};

/** The columns of a picture's row that its bytes decide. */
export interface PictureBytes {
  sha256: string;
  thumbnailSha256: string;
  mediaType: string;
  width: number;
  height: number;
  blur: string;
}

const MAX_ATTEMPTS = 3;
/** A worker enters what it uploaded within minutes. */
const ORPHAN_MS = 24 * 3600 * 1000;

/**
 * Puts a picture and its thumbnail into the store, and runs `enter` in a transaction in which their blobs are the
 * catalog's and held; `enter` must make them somebody's. Nothing is left where it throws.
 */
export async function storePicture<T>(
  picture: NewPicture,
  transaction: (work: (tx: Tx) => Promise<T>) => Promise<T>,
  insert: (tx: Tx, bytes: PictureBytes) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const sha256 = await workStore().put(picture.bytes);
    const thumbnailSha256 = await workStore().put(picture.thumbnail.bytes);
    try {
      return await transaction(async (tx) => {
        // In one order everywhere, so that two who keep the same two never wait for each other.
        const sizes = new Map([
          [sha256, picture.bytes.length],
          [thumbnailSha256, picture.thumbnail.bytes.length],
        ]);
        for (const one of [...sizes.keys()].sort()) await registerBlob(tx, one, sizes.get(one) ?? 0);
        const { mediaType, width, height, blur } = picture;
        return await insert(tx, { sha256, thumbnailSha256, mediaType, width, height, blur });
      });
    } catch (error) {
      // Somebody dropped the same bytes between the store and the catalog.
      if (error instanceof AppError && error.code === 'unavailable' && attempt < MAX_ATTEMPTS) continue;
      for (const one of [sha256, thumbnailSha256]) await deleteUnregistered(one).catch(() => {});
      throw error;
    }
  }
}

/**
 * Makes bytes of the store the catalog's, held until the transaction ends. Throws AppError `unavailable` where they were
 * dropped since they were put there.
 */
export async function registerBlob(tx: Tx, sha256: string, size: number): Promise<void> {
  await lockBlob(tx, sha256);
  if ((await tx.blob.count({ where: { sha256 } })) > 0) return;
  // A store elsewhere enters what it takes; here the bytes came first.
  if (config().remoteStore !== null || !(await blobStore().has(sha256)))
    throw new AppError('unavailable', 'The image file was just deleted. Try again.');
  await tx.blob.create({ data: { sha256, size } });
}

/** Drops pictures' bytes that nothing uses any more. A store elsewhere does that itself, once a day. */
export async function deleteUnusedBlobs(sha256s: readonly (string | undefined)[]): Promise<void> {
  if (config().remoteStore !== null) return;
  for (const sha256 of new Set(sha256s)) if (sha256 !== undefined) await deleteUnusedBlob(sha256);
}

/** Drops bytes that came into the store and never into the catalog. */
async function deleteUnregistered(sha256: string): Promise<void> {
  if (config().remoteStore !== null) return;
  await db().$transaction(async (tx) => {
    await lockBlob(tx, sha256);
    if ((await tx.blob.count({ where: { sha256 } })) === 0) await blobStore().remove(sha256);
  });
}

/** Drops what workers on other machines uploaded and never entered. Returns how many. */
export async function deleteOrphanedBlobs(now = new Date()): Promise<number> {
  if (config().remoteStore !== null) return 0;
  const none = { none: {} };
  const orphans = await db().blob.findMany({
    where: {
      createdAt: { lt: new Date(now.getTime() - ORPHAN_MS) },
      sources: none,
      converted: none,
      pictures: none,
      thumbnails: none,
    },
    select: { sha256: true },
  });
  await deleteUnusedBlobs(orphans.map(({ sha256 }) => sha256));
  return orphans.length;
}
