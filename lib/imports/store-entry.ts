import type { BigIntStats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, posix, resolve, sep } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { hashFile } from '#scanner/hashes/index.ts';
import { isDiskFull } from '../disk-full.ts';
import { AppError } from '../errors.ts';
import { checkPartPaths, type NewFile, type NewModelParts, storePartList } from '../ingest/index.ts';
import { blobStore, DigestError } from '../storage/index.ts';

/** A model of an import that is to be copied. */
export interface Entry {
  path: string;
  size: bigint;
  mtimeNs: bigint;
  inode: bigint;
}

/** A model in several files, with all of them and their list in the store. */
export interface StoredModel extends NewModelParts {
  list: { sha256: string; size: number };
}

interface StoreOptions {
  root: string;
  roots: readonly string[];
  ownerId: string;
  modelId: number | null;
}

/** Why one file is left out; the others go on. */
export class RefusedEntry extends Error {
  override name = 'RefusedEntry';
}

/**
 * Copies a file into the store, as a clone where the file system can, with all its digests. Throws RefusedEntry where it
 * cannot be read, is not the one that was found, or lies outside of `roots` by now; and what went wrong with the store.
 */
export async function storeEntry(entry: Entry, { root, roots, ownerId, modelId }: StoreOptions): Promise<NewFile> {
  const { real, now } = await findAllowed(entry.path, root, roots);
  if (!isSame(entry, now)) throw changed();
  return { filename: basename(entry.path), ownerId, modelId, ...(await storeFile(real)) };
}

/**
 * The same of a model in several files: all of them, each as it was found when the folder was searched. Its name is that
 * of the entry, or of its index or folder.
 */
export async function storeModelEntry(
  entry: Entry & { name: string | null },
  { layout, parts: given }: { layout: NewModelParts['layout']; parts: readonly string[] },
  { root, roots, ownerId, modelId }: StoreOptions,
): Promise<StoredModel> {
  const folder = dirname(entry.path);
  const paths = given.map((path) => posix.relative(folder, path));
  try {
    checkPartPaths(paths);
  } catch (error) {
    if (error instanceof AppError) throw new RefusedEntry(error.message, { cause: error });
    throw error;
  }
  const found: { path: string; real: string; now: BigIntStats }[] = [];
  for (const [index, path] of given.entries())
    found.push({ path: paths[index] ?? path, ...(await findAllowed(path, root, roots)) });
  const [first] = found;
  let mtimeNs = 0n;
  for (const { now } of found) if (now.mtimeNs > mtimeNs) mtimeNs = now.mtimeNs;
  const size = found.reduce((sum, { now }) => sum + now.size, 0n);
  if (!isSame(entry, { size, mtimeNs, ino: first?.now.ino ?? 0n })) throw changed();
  const parts: StoredModel['parts'][number][] = [];
  for (const { path, real } of found) parts.push({ path, ...(await storeFile(real)) });
  const own = entry.name?.trim() || basename(folder === '.' ? root : folder);
  const model = { name: own, layout, parts, ownerId, modelId };
  return { ...model, list: await storePartList(model) };
}

async function storeFile(path: string): Promise<Pick<NewFile, 'sha256' | 'size' | 'hashes' | 'verifiedAt'>> {
  try {
    const hashes = await hashFile(path);
    const { sha256, size, isVerified } = await blobStore().add(path, hashes.sha256);
    // Bytes that were there before, and large ones, are read by the hash stage.
    return { sha256, size, hashes, verifiedAt: isVerified ? await blobStore().changedAt(sha256) : null };
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

/** Whether it is what the search found. */
function isSame({ size, mtimeNs, inode }: Entry, now: Pick<BigIntStats, 'size' | 'mtimeNs' | 'ino'>): boolean {
  return now.size === size && now.mtimeNs === mtimeNs && BigInt.asIntN(64, now.ino) === inode;
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
