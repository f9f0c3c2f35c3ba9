import type { BigIntStats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, resolve, sep } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { hashFile } from '#scanner/hashes/index.ts';
import { isDiskFull } from '../disk-full.ts';
import type { NewFile } from '../ingest/index.ts';
import { blobStore, DigestError } from '../storage/index.ts';

/** A model of an import that is to be copied. */
export interface Entry {
  path: string;
  size: bigint;
  mtimeNs: bigint;
  inode: bigint;
}

/** Why one file is left out; the others go on. */
export class RefusedEntry extends Error {
  override name = 'RefusedEntry';
}

/**
 * Copies a file into the store, as a clone where the file system can, with all its digests. Throws RefusedEntry where it
 * cannot be read, is not the one that was found, or lies outside of `roots` by now; and what went wrong with the store.
 */
export async function storeEntry(
  entry: Entry,
  {
    root,
    roots,
    ownerId,
    modelId,
  }: { root: string; roots: readonly string[]; ownerId: string; modelId: number | null },
): Promise<NewFile> {
  const path = await findFile(entry, root, roots);
  try {
    const hashes = await hashFile(path);
    const { sha256, size, isVerified } = await blobStore().add(path, hashes.sha256);
    // Bytes that were there before, and large ones, are read by the hash stage.
    const verifiedAt = isVerified ? await blobStore().changedAt(sha256) : null;
    return { filename: basename(entry.path), sha256, size, ownerId, modelId, hashes, verifiedAt };
  } catch (error) {
    if (error instanceof DigestError) throw changed(error);
    if (isDiskFull(error) || !isSystemError(error, ...UNREADABLE)) throw error;
    throw unreadable(error);
  }
}

/** Errors of the file that is read, and not of the store. */
export const UNREADABLE = [
  'ENOENT',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENOTDIR',
  'ELOOP',
  'ENXIO',
  'ESTALE',
  'EIO',
] as const;

/** The real path of the file, where it is the one that the search found. */
async function findFile(
  { path, size, mtimeNs, inode }: Entry,
  root: string,
  roots: readonly string[],
): Promise<string> {
  const { real, now } = await findAllowed(path, root, roots);
  const isSame = now.size === size && now.mtimeNs === mtimeNs && BigInt.asIntN(64, now.ino) === inode;
  if (!isSame) throw changed();
  return real;
}

/** The real path of a file below the folders that may be imported. Throws RefusedEntry for every other. */
export async function findAllowed(
  path: string,
  root: string,
  roots: readonly string[],
): Promise<{ real: string; now: BigIntStats }> {
  try {
    const real = await realpath(resolve(root, path));
    if (![root, ...roots].some((allowed) => real.startsWith(allowed + sep)))
      throw new RefusedEntry('The file lies outside of the folders that may be imported.');
    const now = await stat(real, { bigint: true });
    // Whatever else it is by now (a pipe, a device) might never end.
    if (!now.isFile()) throw changed();
    return { real, now };
  } catch (error) {
    throw unreadable(error);
  }
}

function changed(cause?: unknown): RefusedEntry {
  return new RefusedEntry('The file was changed after the folder was searched. Search the folder again.', { cause });
}

function unreadable(error: unknown): unknown {
  if (!isSystemError(error)) return error;
  if (error.code === 'ENOENT') return new RefusedEntry('The file no longer exists.', { cause: error });
  return new RefusedEntry(`The file cannot be read (${error.code}). Check its permissions and its disk.`, {
    cause: error,
  });
}
