import { constants } from 'node:fs';
import { copyFile, type FileHandle, open, rm } from 'node:fs/promises';

/**
 * A file that this process created and that nothing else ever opened for writing: its name did not exist before, and its one
 * writing handle is private to this object. Once it is sealed no handle is left that could change it, so it can become a
 * blob without being copied.
 */
export class FreshFile {
  readonly path: string;
  #handle: Promise<FileHandle> | null;
  /** Writes in progress. A seal waits for them. */
  readonly #writes = new Set<Promise<void>>();
  #isSealed = false;

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
      return new FreshFile(path, null);
    } catch {
      // The system that refuses may have created the file before it did.
      await rm(path, { force: true });
      return null;
    }
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

  /** Closes the handle, when everything is written, until the next write. */
  async pause(): Promise<void> {
    await Promise.allSettled(this.#writes);
    const handle = await this.#handle;
    this.#handle = null;
    await handle?.close();
  }

  /** Ends all writing: flushed to the disk, read-only, and without an open handle. */
  async seal(): Promise<void> {
    this.#isSealed = true;
    await Promise.allSettled(this.#writes);
    const handle = await this.#opened();
    this.#handle = null;
    try {
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
    await rm(this.path, { force: true });
  }

  async #write(pieces: readonly Uint8Array[], position: number): Promise<void> {
    const handle = await this.#opened();
    const total = pieces.reduce((sum, { length }) => sum + length, 0);
    let { bytesWritten: done } = await handle.writev(pieces, position);
    if (done === total) return;
    const rest = Buffer.concat(pieces);
    while (done < total) done += (await handle.write(rest, done, total - done, position + done)).bytesWritten;
  }

  #opened(): Promise<FileHandle> {
    this.#handle ??= open(this.path, 'r+');
    return this.#handle;
  }
}
