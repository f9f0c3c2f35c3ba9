import { writeSync } from 'node:fs';
import { type FileHandle, statfs } from 'node:fs/promises';
import { isSystemError } from '../errors.ts';

/**
 * Bytes of one write. The system's memory for what is written in larger pieces comes in larger blocks, and in a virtual machine
 * those are mostly ones that it has given back to its host: taking them again takes several times as long as the writing.
 */
const PIECE_BYTES = 128 * 1024;

/** Writes parts of a file of known size in any order. */
export class PositionedWriter {
  readonly #file: FileHandle;
  readonly #onProgress: ((bytes: number) => void) | undefined;
  #written = 0;

  private constructor(file: FileHandle, onProgress: ((bytes: number) => void) | undefined) {
    this.#file = file;
    this.#onProgress = onProgress;
  }

  /**
   * Gives the new file at `path` its size first, so that the system knows it when it looks for room. Throws `ENOSPC` at once
   * where the disk has no room for it.
   */
  static async open(
    file: FileHandle,
    path: string,
    { size, onProgress }: { size: number; onProgress?: (bytes: number) => void },
  ): Promise<PositionedWriter> {
    const { blocks, bfree, bsize } = await statfs(path);
    // Some network drives say nothing of their room.
    if (blocks > 0 && bfree * bsize < size) throw noSpace(size);
    await file.truncate(size).catch((error) => {
      // A device has no size.
      if (!isSystemError(error, 'EINVAL')) throw error;
    });
    return new PositionedWriter(file, onProgress);
  }

  /** Waits for the system to take the bytes, which is mostly shorter than asking another thread to. */
  write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length; ) {
      const length = Math.min(PIECE_BYTES, bytes.length - done);
      done += writeSync(this.#file.fd, bytes, done, length, position + done);
    }
    this.#written += bytes.length;
    this.#onProgress?.(this.#written);
  }
}

/** What the system itself says when it finds out. */
function noSpace(size: number): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, for a file of ${size} bytes`), { code: 'ENOSPC' });
}
