import { basename, join } from 'node:path';
import { db } from '#lib/db/index.ts';
import { addFiles, type NewFile } from '#lib/ingest/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { hashFile } from '#scanner/hashes/index.ts';

const BATCH = 50;

/**
 * Puts files into the store and the catalog of this process's settings as finished uploads are, some at a time: copied,
 * hashed and read back. Returns how many of them the catalog has now.
 */
export async function enterFiles(folder: string, paths: readonly string[], ownerId: string): Promise<number> {
  let entered = 0;
  for (let from = 0; from < paths.length; from += BATCH) {
    const batch = await Promise.all(
      paths.slice(from, from + BATCH).map((path) => storeFile(join(folder, path), ownerId)),
    );
    const added = await db().$transaction((tx) => addFiles(tx, batch));
    entered += added.filter(({ duplicate }) => !duplicate).length;
  }
  return entered;
}

async function storeFile(path: string, ownerId: string): Promise<NewFile> {
  const hashes = await hashFile(path);
  const { sha256, size } = await blobStore().add(path);
  return {
    filename: basename(path),
    sha256,
    size,
    ownerId,
    modelId: null,
    hashes,
    verifiedAt: await blobStore().changedAt(sha256),
  };
}
