import { lstat } from 'node:fs/promises';
import { blobStore } from '../storage/index.ts';
import { VERSION } from '../version.ts';

/** Metadata that says what a converted file was made from, and by what. */
export function provenanceOf(sourceSha256: string): Record<string, string> {
  return { 'weighhouse.source_sha256': sourceSha256, 'weighhouse.version': VERSION };
}

/**
 * Copies a file that a stage wrote and verified into the store. Returns its size in bytes. Throws where its bytes are not
 * those that were verified.
 */
export async function storeConverted(path: string, sha256: string): Promise<number> {
  const found = await lstat(path);
  // Whatever a stage was talked into, a link to another file never gets into the store.
  if (!found.isFile() || found.nlink !== 1) throw new Error('The converted file is not a separate file.');
  return (await blobStore().add(path, sha256)).size;
}
