import { db, type Tx } from '../db/index.ts';
import { blobStore } from '../storage/index.ts';
import { lockBlob } from './add-file.ts';

/**
 * Removes bytes that no file and no picture uses. Whoever enters the same bytes at this moment waits, or is told that
 * they are gone.
 */
export async function deleteUnusedBlob(sha256: string): Promise<void> {
  await db().$transaction(async (tx) => {
    await lockBlob(tx, sha256);
    const none = { none: {} };
    const unused = { sha256, sources: none, converted: none, parts: none, pictures: none, thumbnails: none };
    if ((await tx.blob.deleteMany({ where: unused })).count > 0) await blobStore().remove(sha256);
  });
}

/** Removes bytes that were stored and then not entered into the catalog, in the caller's transaction. */
export async function dropUnentered(tx: Tx, sha256: string): Promise<void> {
  await lockBlob(tx, sha256);
  if ((await tx.blob.count({ where: { sha256 } })) === 0) await blobStore().remove(sha256);
}
