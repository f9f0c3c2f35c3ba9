import type { FileHandle } from 'node:fs/promises';
import { writePieces } from './write-pieces.ts';

const BUFFER_BYTES = 1024 * 1024;

/** Writes a file from front to back. What comes in small parts is gathered. */
export class SequentialWriter {
  /** Bytes taken so far: where the next one will stand. */
  position = 0;
  readonly #file: FileHandle;
  readonly #onProgress: ((bytes: number) => void) | undefined;
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  #filled = 0;

  constructor(file: FileHandle, onProgress?: (bytes: number) => void) {
    this.#file = file;
    this.#onProgress = onProgress;
  }

  /** The bytes may be overwritten as soon as this resolves. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const part = Math.min(bytes.length - done, BUFFER_BYTES - this.#filled);
      this.#buffer.set(bytes.subarray(done, done + part), this.#filled);
      this.#filled += part;
      this.position += part;
      done += part;
      if (this.#filled === BUFFER_BYTES) await this.#send();
    }
  }

  /** Resolves when everything is with the system. */
  async finish(): Promise<void> {
    await this.#send();
  }

  async #send(): Promise<void> {
    if (this.#filled === 0) return;
    writePieces(this.#file.fd, this.#buffer.subarray(0, this.#filled), this.position - this.#filled);
    this.#filled = 0;
    this.#onProgress?.(this.position);
    // Lets timers and messages of the process through.
    await new Promise(setImmediate);
  }
}
