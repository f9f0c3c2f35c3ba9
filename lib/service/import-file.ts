import { db } from '../db/index.ts';
import { addFile } from '../ingest/index.ts';
import { blobStore } from '../storage/index.ts';

/** Enters a copy of a file of this machine into the catalog, hashed while it is copied, and queues its ingest. */
export async function importFile(
  path: string,
  filename: string,
  ownerId: string,
): Promise<{ fileId: number; duplicate: boolean }> {
  const { sha256, size } = await blobStore().add(path);
  return await db().$transaction((tx) => addFile(tx, { filename, sha256, size, ownerId, modelId: null }));
}
