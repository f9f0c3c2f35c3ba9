import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { chmod, chown, lstat, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError } from '#scanner/errors.ts';
import { config } from '../config.ts';
import { flushFolder, makeFolder } from './flush-folder.ts';
import { FreshFile } from './fresh-file.ts';
import { isOpenForWriting } from './open-for-writing.ts';

/** Bytes `[start, end]`, both included, as HTTP's Range counts. */
export interface BlobRange {
  start: number;
  end: number;
}

/** What is copied into the store: a file, or bytes as they come. */
export type BlobSource = string | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

export interface StoredBlob {
  sha256: string;
  /** Bytes. */
  size: number;
  /**
   * Whether the SHA-256 was computed of the file as it lies in the store, by reading it back. Of other large files it was
   * computed of what was written; what takes them out reads them once more.
   */
  isVerified: boolean;
}

export interface AdoptOptions {
  /** Whether the caller has computed the digest by reading back what it wrote. It counts while nobody touched the file since. */
  isReadBack?: boolean;
}

/** What was to be stored has another SHA-256 than it should. */
export class DigestError extends Error {
  override name = 'DigestError';
}

/**
 * Immutable bytes by their SHA-256. Each blob is a file of its own that no handle outside can reach: a copy whose digest
 * was computed of the very bytes that were written, or a file that this process alone has written. It is read-only and
 * on the disk before it gets its name.
 */
export interface BlobStore {
  /** What the paths of all of them are in. */
  folder: string;
  /** Where the bytes lie; for the ingest's child process, which gets this one path to read. */
  pathOf(sha256: string): string;
  has(sha256: string): Promise<boolean>;
  /** Size in bytes; null when there is no such blob. */
  sizeOf(sha256: string): Promise<number | null>;
  /** When bytes of the store, or what the system knows of their file, last changed; null where they are not there. */
  changedAt(sha256: string): Promise<Date | null>;
  /**
   * Copies bytes into the store. Throws DigestError where they are not of the SHA-256 that `expected` names. The source stays.
   */
  add(source: BlobSource, expected?: string): Promise<StoredBlob>;
  /**
   * Moves a file of `size` bytes that this process alone has written into the store. The caller has computed its digest
   * while writing it. One that another handle could still write to is copied instead. Throws DigestError where the bytes
   * are other ones by now.
   */
  adopt(file: FreshFile, sha256: string, size: number, options?: AdoptOptions): Promise<StoredBlob>;
  /**
   * Moves a file that another process has written to where that process cannot go, so that it can be read, and then adopted
   * without being copied. Where another handle could still write to it, the system does not say so, or it lies on another
   * disk, it is a copy. Throws where the path leads to no file of its own.
   */
  receive(path: string): Promise<FreshFile>;
  read(sha256: string, range?: BlobRange): ReadStream;
  remove(sha256: string): Promise<void>;
  /** Takes bytes out of the store that are not what their name says, and keeps them aside for the administrator. */
  quarantine(sha256: string): Promise<void>;
  /** Drops copies that a process which died left unfinished before `before`. */
  sweep(before: Date): Promise<void>;
}

const READ_BYTES = 1024 * 1024;
/** A copy that another program has opened as well is copied again, so many times. */
const MAX_COPIES = 3;
/** Files up to this size are read back before they are stored: that takes less than a process that does it afterwards. */
const READ_BACK_BYTES = 16 * 1024 * 1024;

/** The store in a local folder: `<folder>/ab/cd/<sha256>`. */
export function openBlobStore(folder: string): BlobStore {
  const incoming = join(folder, 'incoming');
  const pathOf = (sha256: string) => {
    // Nothing but a digest may ever become part of a path.
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new TypeError('A blob is named by 64 lower-case hex digits.');
    return join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  };
  const statOf = async (sha256: string) => await stat(pathOf(sha256)).catch(nullIfMissing);
  const sizeOf = async (sha256: string) => (await statOf(sha256))?.size ?? null;
  const has = async (sha256: string) => (await sizeOf(sha256)) !== null;

  async function adopt(
    file: FreshFile,
    sha256: string,
    size: number,
    { isReadBack = false, copies = 0 }: AdoptOptions & { copies?: number } = {},
  ): Promise<StoredBlob> {
    const target = pathOf(sha256);
    if (await has(sha256)) {
      await file.discard();
      return { sha256, size, isVerified: false };
    }
    await file.seal();
    // Where the system does not say who has it open, only a file that was made a moment ago is believed.
    const isOpen = (await isOpenForWriting(file.path)) ?? !isOwnCopy(file.path);
    if (isOpen) return await copyInstead(file, sha256, copies + 1);
    const isRead = isReadBack && file.isUntouched;
    const isVerified = isRead || size <= READ_BACK_BYTES;
    if (isVerified && !isRead) {
      const found = await digestOf(readFile(file.path), null);
      if (found.sha256 !== sha256) throw mismatch(found.sha256, sha256);
    }
    await makeFolder(dirname(target));
    try {
      await rename(file.path, target);
    } catch (error) {
      if (!isSystemError(error, 'EXDEV')) throw error;
      return await copyInstead(file, sha256, copies);
    }
    await flushFolder(dirname(target));
    return { sha256, size, isVerified };
  }

  async function receive(path: string): Promise<FreshFile> {
    await requireOwnFile(path);
    await mkdir(incoming, { recursive: true });
    const own = join(incoming, randomUUID());
    try {
      await rename(path, own);
    } catch (error) {
      if (!isSystemError(error, 'EXDEV')) throw error;
      return await copyOf(path);
    }
    const moved = FreshFile.take(own);
    try {
      // It may have been exchanged meanwhile.
      await requireOwnFile(own);
      if (process.getuid !== undefined) await chown(own, process.getuid(), process.getgid?.() ?? 0);
      await chmod(own, 0o600);
      if ((await isOpenForWriting(own)) === false) return moved;
      const copied = await copyOf(own);
      await moved.discard();
      return copied;
    } catch (error) {
      await moved.discard();
      throw error;
    }
  }

  async function copyOf(path: string): Promise<FreshFile> {
    const copy = join(incoming, randomUUID());
    const clone = await FreshFile.clone(path, copy);
    if (clone !== null) return clone;
    const file = await FreshFile.create(copy);
    try {
      let position = 0;
      for await (const piece of readFile(path)) {
        await file.write(piece, position);
        position += piece.length;
      }
      return file;
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  /** Files that are copies already lie there. */
  const isOwnCopy = (path: string) => dirname(path) === incoming;

  async function copyInstead(file: FreshFile, sha256: string, copies: number): Promise<StoredBlob> {
    if (copies > MAX_COPIES) throw new Error('Another program keeps opening the files that are about to be stored.');
    const stored = await copy(file.path, sha256, copies);
    await file.discard();
    return stored;
  }

  async function copy(source: BlobSource, expected: string | undefined, copies: number): Promise<StoredBlob> {
    const known = expected === undefined ? null : await sizeOf(expected);
    if (expected !== undefined && known !== null) return { sha256: expected, size: known, isVerified: false };
    await mkdir(incoming, { recursive: true });
    const path = join(incoming, randomUUID());
    const clone = typeof source === 'string' ? await FreshFile.clone(source, path) : null;
    const file = clone ?? (await FreshFile.create(path));
    try {
      const bytes = clone !== null ? readFile(path) : typeof source === 'string' ? readFile(source) : source;
      const { sha256, size } = await digestOf(bytes, clone === null ? file : null);
      if (expected !== undefined && sha256 !== expected) throw mismatch(sha256, expected);
      return await adopt(file, sha256, size, { copies });
    } catch (error) {
      await file.discard();
      throw error;
    }
  }

  return {
    folder,
    pathOf,
    sizeOf,
    // Unlike the time of the last write, nobody can set this one.
    changedAt: async (sha256) => (await statOf(sha256))?.ctime ?? null,
    has,
    add: (source, expected) => copy(source, expected, 0),
    adopt: (file, sha256, size, options) => adopt(file, sha256, size, options),
    receive,
    read: (sha256, range) => createReadStream(pathOf(sha256), range),
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
    async quarantine(sha256) {
      const aside = join(folder, 'mismatched');
      await makeFolder(aside);
      await rename(pathOf(sha256), join(aside, `${sha256}.${randomUUID()}`));
      await flushFolder(dirname(pathOf(sha256)));
    },
    async sweep(before) {
      const names = await readdir(incoming).catch(nullIfMissing);
      for (const name of names ?? []) {
        const path = join(incoming, name);
        const found = await stat(path).catch(nullIfMissing);
        if (found !== null && found.mtime < before) await rm(path, { force: true });
      }
    },
  };
}

/** The store that the settings name. */
export function blobStore(): BlobStore {
  return openBlobStore(join(config().home, 'blobs'));
}

/** Whatever another process was talked into, a link to a file of others never gets into the store. */
async function requireOwnFile(path: string): Promise<void> {
  const found = await lstat(path);
  if (!found.isFile() || found.nlink !== 1) throw new Error('What was written is not a separate file.');
}

function mismatch(found: string, expected: string): DigestError {
  return new DigestError(`The data has the SHA-256 ${found}, not ${expected}.`);
}

function readFile(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: READ_BYTES });
}

/** Digest and size of bytes; each piece is hashed while it is written to `target`, where there is one. */
async function digestOf(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, target: FreshFile | null) {
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of bytes) {
    const writing = target?.write(piece, size);
    hash.update(piece);
    size += piece.length;
    await writing;
  }
  return { sha256: hash.digest('hex'), size };
}

function nullIfMissing(error: unknown): null {
  if (isSystemError(error, 'ENOENT')) return null;
  throw error;
}
