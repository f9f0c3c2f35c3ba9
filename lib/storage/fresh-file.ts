import { constants } from 'node:fs';
import { chmod, copyFile, type FileHandle, open, rm, stat } from 'node:fs/promises';

/** After so many bytes what was written is sent to the disk, so that the seal of a large file has little left to wait for. */
const FLUSH_BYTES = 64 * 1024 * 1024;

/**
 * A file that this process created and that nothing else ever opened for writing, or that nothing else can any more: its name
 * did not exist before, and its one writing handle is private to this object. Once it is sealed no handle is left that could change it, so it can become a
 * blob without being copied.
 */
export class FreshFile {
  readonly path: string;
  #handle: Promise<FileHandle> | null;
  /** Writes in progress. A seal waits for them. */
  readonly #writes = new Set<Promise<void>>();
  #isSealed = false;
  /** Of the last change at the last pause; null while something is written. */
  #pausedAt: bigint | null = null;
  #isUntouched = true;
  /** Bytes written since a flush began. */
  #unflushed = 0;
  /** The flush in progress, beside the next writes, and the closing of handles that waits for one. */
  #flush: Promise<void> | null = null;
  #closing: Promise<void> | null = null;
  /** Why a flush failed: the system says it once, and the seal may not succeed after it. */
  #flushFailure: unknown = null;

  private constructor(path: string, handle: FileHandle | null) {
    this.path = path;
    this.#handle = handle === null ? null : Promise.resolve(handle);
  }

  /** Creates the file. Throws `EEXIST` where something has this name. */
  static async create(path: string): Promise<FreshFile> {
    return new FreshFile(path, await open(path, 'wx', 0o600));
  }

  /** A copy of another file that shares its blocks until either is written; null where the file system has no such copies. */
  static async clone(source: string, path: string): Promise<FreshFile | null> {
    try {
      await copyFile(source, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
      // It has the mode of its source, which may be read-only.
      await chmod(path, 0o600);
      const clone = new FreshFile(path, null);
      clone.#pausedAt = (await stat(path, { bigint: true })).ctimeNs;
      return clone;
    } catch {
      // The system that refuses may have created the file before it did.
      await rm(path, { force: true });
      return null;
    }
  }

  /** One that lies under a name of this process's own, and that nothing else has open for writing or can open so. */
  static take(path: string): FreshFile {
    return new FreshFile(path, null);
  }

  /** Writes all of `pieces`, one behind the other, at `position`. */
  write(pieces: Uint8Array | readonly Uint8Array[], position: number): Promise<void> {
    if (this.#isSealed) throw new Error('A sealed file cannot be written.');
    const write = this.#write(pieces instanceof Uint8Array ? [pieces] : pieces, position);
    this.#writes.add(write);
    const done = () => void this.#writes.delete(write);
    write.then(done, done);
    return write;
  }

  /** Closes the handle, when everything is written, until the next write. A flush in progress is not waited for. */
  async pause(): Promise<void> {
    await Promise.allSettled(this.#writes);
    const handle = await this.#handle;
    this.#handle = null;
    if (handle) this.#pausedAt = await changeOf(handle);
    if (this.#flush === null) return await handle?.close();
    const closing = Promise.all([this.#closing, this.#flush.then(() => handle?.close())]);
    this.#closing = closing.then(() => {}, this.#keepFailure);
  }

  /**
   * Of a sealed file: whether nobody else changed it while it was paused, until it was sealed, as far as the system tells.
   * False where it was not paused after the last write.
   */
  get isUntouched(): boolean {
    return this.#isSealed && this.#isUntouched && this.#pausedAt !== null;
  }

  /** Ends all writing: flushed to the disk, read-only, and without an open handle. */
  async seal(): Promise<void> {
    this.#isSealed = true;
    await Promise.allSettled(this.#writes);
    await this.#settleFlush();
    const handle = await this.#opened();
    this.#handle = null;
    try {
      if (this.#flushFailure !== null) throw this.#flushFailure;
      await handle.sync();
      await handle.chmod(0o444);
    } finally {
      await handle.close();
    }
  }

  /** Removes the file. */
  async discard(): Promise<void> {
    this.#isSealed = true;
    await this.pause();
    await this.#settleFlush();
    await rm(this.path, { force: true });
  }

  async #write(pieces: readonly Uint8Array[], position: number): Promise<void> {
    const handle = await this.#opened();
    this.#pausedAt = null;
    const total = pieces.reduce((sum, { length }) => sum + length, 0);
    let { bytesWritten: done } = await handle.writev(pieces, position);
    if (done < total) {
      const rest = Buffer.concat(pieces);
      while (done < total) done += (await handle.write(rest, done, total - done, position + done)).bytesWritten;
    }
    this.#unflushed += total;
    if (this.#unflushed >= FLUSH_BYTES && this.#flush === null) this.#beginFlush(handle);
  }

  /** Has the disk take what is written, beside what else is done with the file. The seal waits for it, and says how it ended. */
  async beginFlush(): Promise<void> {
    const handle = await this.#opened();
    if (this.#flush === null) this.#beginFlush(handle);
  }

  #beginFlush(handle: FileHandle): void {
    this.#unflushed = 0;
    const flush = handle.datasync().catch(this.#keepFailure);
    this.#flush = flush.finally(() => {
      this.#flush = null;
    });
  }

  readonly #keepFailure = (error: unknown) => {
    this.#flushFailure ??= error;
  };

  /** Resolves when no flush is in progress and no handle is left that waited for one. */
  async #settleFlush(): Promise<void> {
    await this.#flush;
    await this.#closing;
  }

  #opened(): Promise<FileHandle> {
    this.#handle ??= this.#reopen();
    return this.#handle;
  }

  async #reopen(): Promise<FileHandle> {
    const handle = await open(this.path, 'r+');
    if (this.#pausedAt !== (await changeOf(handle))) this.#isUntouched = false;
    return handle;
  }
}

/** When anything of the file last changed, in nanoseconds. Unlike the time of the last write, nobody can set this one. */
async function changeOf(handle: FileHandle): Promise<bigint> {
  return (await handle.stat({ bigint: true })).ctimeNs;
}
