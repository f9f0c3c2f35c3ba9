import { randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { config } from '../config.ts';

/** Bytes `[start, end]`, both included, as HTTP's Range counts. */
export interface BlobRange {
  start: number;
  end: number;
}

/** Immutable bytes by their SHA-256. */
export interface BlobStore {
  /** Where the bytes lie; for the ingest's child process, which gets this one path to read. */
  pathOf(sha256: string): string;
  has(sha256: string): Promise<boolean>;
  /** Size in bytes; null when there is no such blob. */
  sizeOf(sha256: string): Promise<number | null>;
  /**
   * Takes a finished file into the store, where it stays whole through a power cut: flushed, renamed into place, and
   * the folder flushed. The caller has checked that `sha256` is its digest. A blob that is there already is kept, and
   * the file dropped.
   */
  put(path: string, sha256: string): Promise<void>;
  read(sha256: string, range?: BlobRange): ReadStream;
  remove(sha256: string): Promise<void>;
}

/** The store in a local folder: `<folder>/ab/cd/<sha256>`. */
export function openBlobStore(folder: string): BlobStore {
  const pathOf = (sha256: string) => {
    // Nothing but a digest may ever become part of a path.
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError('A blob is named by 64 lower-case hex digits.');
    return join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  };
  const sizeOf = async (sha256: string) => {
    const found = await stat(pathOf(sha256)).catch(nullIfMissing);
    return found === null ? null : found.size;
  };

  return {
    pathOf,
    sizeOf,
    has: async (sha256) => (await sizeOf(sha256)) !== null,
    async put(path, sha256) {
      const target = pathOf(sha256);
      if ((await sizeOf(sha256)) !== null) {
        await rm(path, { force: true });
        return;
      }
      await mkdir(dirname(target), { recursive: true });
      await flush(path);
      await moveInto(path, target);
      await chmod(target, 0o444);
      await flush(dirname(target));
    },
    read: (sha256, range) => createReadStream(pathOf(sha256), range),
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
  };
}

/** The store that the settings name. */
export function blobStore(): BlobStore {
  return openBlobStore(join(config().home, 'blobs'));
}

async function moveInto(path: string, target: string): Promise<void> {
  try {
    await rename(path, target);
  } catch (error) {
    if (!isSystemError(error, 'EXDEV')) throw error;
    // Another file system: the copy gets its name when it is whole.
    const part = `${target}.${randomUUID()}.part`;
    await copyFile(path, part);
    await flush(part);
    await rename(part, target);
    await rm(path, { force: true });
  }
}

/** Windows cannot flush a folder, and has no need to. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    if (process.platform === 'win32') return null;
    throw error;
  });
  try {
    await handle?.sync();
  } catch (error) {
    if (process.platform !== 'win32') throw error;
  } finally {
    await handle?.close();
  }
}

function nullIfMissing(error: unknown): null {
  if (isSystemError(error, 'ENOENT')) return null;
  throw error;
}
