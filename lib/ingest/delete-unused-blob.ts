import { db, type Tx } from '../db/index.ts';
import { blobStore } from '../storage/index.ts';
import { lockBlob } from './add-file.ts';

/**
 * Removes bytes that no file, no picture and no upload uses. Whoever enters the same bytes at this moment waits, or is told that
 * they are gone.
 */
export async function deleteUnusedBlob(sha256: string): Promise<void> {
  await db().$transaction(async (tx) => {
    await lockBlob(tx, sha256);
    // It waits for the other files of its model.
    const waiting = await tx.upload.count({ where: { sha256, state: 'received', setId: { not: null } } });
    if (waiting > 0) return;
    const none = { none: {} };
    const files = { sources: none, converted: none, parts: none, convertedParts: none };
    const unused = { sha256, ...files, pictures: none, thumbnails: none };
    if ((await tx.blob.deleteMany({ where: unused })).count > 0) await blobStore().remove(sha256);
  });
}

/** Removes bytes that were stored and then not entered into the catalog, in the caller's transaction. */
export async function dropUnentered(tx: Tx, sha256: string): Promise<void> {
  await lockBlob(tx, sha256);
  if ((await tx.blob.count({ where: { sha256 } })) === 0) await blobStore().remove(sha256);
}
