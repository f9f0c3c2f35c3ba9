import { type FileHandle, statfs } from 'node:fs/promises';
import { isSystemError } from '../errors.ts';
import { writePieces } from './write-pieces.ts';

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

  write(bytes: Uint8Array, position: number): void {
    writePieces(this.#file.fd, bytes, position);
    this.#written += bytes.length;
    this.#onProgress?.(this.#written);
  }
}

/** What the system itself says when it finds out. */
function noSpace(size: number): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, for a file of ${size} bytes`), { code: 'ENOSPC' });
}
