import type { BigIntStats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, posix, resolve, sep } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { formatStamp, stampOf } from '#scanner/file-stamp.ts';
import { isDiskFull } from '../disk-full.ts';
import { AppError } from '../errors.ts';
import { checkPartPaths, type NewFile, type NewModelParts, storePartList } from '../ingest/index.ts';
import { addHashed, blobStore, isOpenForWriting } from '../storage/index.ts';
import { openForeign, readInPlace, stampNow } from './read-in-place.ts';

/** A model of an import. */
export interface Entry {
  path: string;
  size: bigint;
  mtimeNs: bigint;
  inode: bigint;
}

/** A model in several files, with all of them and their list in the store, or where they stay. */
export interface StoredModel extends NewModelParts {
  list: { sha256: string; size: number };
}

interface StoreOptions {
  root: string;
  roots: readonly string[];
  ownerId: string;
  modelId: number | null;
  /** Whether the files stay where they are. */
  inPlace: boolean;
  /** Whether a change of it is noticed at once, and leads to the next search. */
  watched: boolean;
  /** Sizes that files of the catalog have, so that one of them may be there already. */
  knownSizes: ReadonlySet<bigint>;
}

/** Another program may still be at a file that was changed so shortly ago. */
const RECENT_MS = 3600 * 1000;
const QUIET_MS = 3000;

/** Why one file is left out; the others go on. */
export class RefusedEntry extends Error {
  override name = 'RefusedEntry';
  /** Whether the next search tries again, although the file may look the same. */
  readonly isPassing: boolean;

  constructor(message: string, { isPassing = false, ...options }: ErrorOptions & { isPassing?: boolean } = {}) {
    super(message, options);
    this.isPassing = isPassing;
  }
}

/**
 * Copies a file into the store, as a clone where the file system can, or reads it where it stays; with all its digests.
 * Throws RefusedEntry where it cannot be read, is not the one that was found, or lies outside of `roots` by now; and what
 * went wrong with the store.
 */
export async function storeEntry(entry: Entry, options: StoreOptions): Promise<NewFile> {
  const found = await findAllowed(entry.path, options.root, options.roots);
  if (!isSame(entry, found.now)) throw changed();
  const { ownerId, modelId } = options;
  return { filename: basename(entry.path), ownerId, modelId, ...(await takeFile(found, options)) };
}

/**
 * The same of a model in several files: all of them, each as it was found when the folder was searched. Its name is that
 * of the entry, or of its index or folder.
 */
export async function storeModelEntry(
  entry: Entry & { name: string | null },
  { layout, parts: given }: { layout: NewModelParts['layout']; parts: readonly string[] },
  options: StoreOptions,
): Promise<StoredModel> {
  const { root, roots, ownerId, modelId } = options;
  const folder = dirname(entry.path);
  const paths = given.map((path) => posix.relative(folder, path));
  try {
    checkPartPaths(paths);
  } catch (error) {
    if (error instanceof AppError) throw new RefusedEntry(error.message, { cause: error });
    throw error;
  }
  const found: ({ path: string } & AllowedFile)[] = [];
  for (const [index, path] of given.entries())
    found.push({ path: paths[index] ?? path, ...(await findAllowed(path, root, roots)) });
  const [first] = found;
  let mtimeNs = 0n;
  for (const { now } of found) if (now.mtimeNs > mtimeNs) mtimeNs = now.mtimeNs;
  const size = found.reduce((sum, { now }) => sum + now.size, 0n);
  if (!isSame(entry, { size, mtimeNs, ino: first?.now.ino ?? 0n })) throw changed();
  const parts: StoredModel['parts'][number][] = [];
  for (const { path, ...file } of found) parts.push({ path, ...(await takeFile(file, options)) });
  const own = entry.name?.trim() || basename(folder === '.' ? root : folder);
  const model = { name: own, layout, parts, ownerId, modelId };
  return { ...model, list: await storePartList(model) };
}

type TakenFile = Pick<NewFile, 'sha256' | 'size' | 'hashes' | 'verifiedAt' | 'place'>;

/** The bytes of a file that was looked at a moment ago, through one handle. */
async function takeFile(
  { real, now }: AllowedFile,
  { inPlace, watched, knownSizes }: StoreOptions,
): Promise<TakenFile> {
  try {
    await using file = await openForeign(real);
    const wanted = formatStamp(stampOf(now));
    if (formatStamp(await stampNow(file)) !== wanted) throw changed();
    const age = Date.now() - Number(now.mtimeMs);
    const isRecent = age < RECENT_MS;
    // Who writes from another machine is seen by the times alone.
    if (watched && age >= 0 && age < QUIET_MS) throw unfinished();
    if (isRecent && (await isOpenForWriting(real)) === true) throw unfinished();
    // Of what the catalog may have already no copy is made before that is known.
    const isRead = inPlace || knownSizes.has(now.size);
    const read = isRead ? await readInPlace(file, { mayWait: inPlace }) : null;
    if (isRead && read === null) throw changed();
    if (read !== null && inPlace) {
      const { hashes, size, stamp } = read;
      return { sha256: hashes.sha256, size, hashes, place: { path: real, stamp } };
    }
    const known = read === null ? null : await blobStore().sizeOf(read.hashes.sha256);
    // Bytes that were there before, the hash stage reads.
    if (read !== null && known !== null)
      return { sha256: read.hashes.sha256, size: known, hashes: read.hashes, verifiedAt: null };
    const { sha256, size, hashes, isVerified } = await addHashed(file);
    if (formatStamp(await stampNow(file)) !== wanted) throw changed();
    return { sha256, size, hashes, verifiedAt: isVerified ? await blobStore().changedAt(sha256) : null };
  } catch (error) {
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

interface AllowedFile {
  real: string;
  now: BigIntStats;
}

/** The real path of a file below the folders that may be imported. Throws RefusedEntry for every other. */
export async function findAllowed(path: string, root: string, roots: readonly string[]): Promise<AllowedFile> {
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

function unfinished(): RefusedEntry {
  return new RefusedEntry('Another program is still writing the file. It is imported by the next search after that.', {
    isPassing: true,
  });
}

function unreadable(error: unknown): unknown {
  if (!isSystemError(error)) return error;
  if (error.code === 'ENOENT') return new RefusedEntry('The file no longer exists.', { cause: error });
  return new RefusedEntry(`The file cannot be read (${error.code}). Check its permissions and its disk.`, {
    cause: error,
  });
}
