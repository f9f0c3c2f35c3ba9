import type { FileHandle } from 'node:fs/promises';

const BUFFER_BYTES = 8 * 1024 * 1024;

/**
 * Writes a file from front to back. Small pieces are gathered into large writes, and one write runs while the next
 * buffer is filled.
 */
export class SequentialWriter {
  /** Bytes taken so far: where the next one will stand. */
  position = 0;
  readonly #file: FileHandle;
  readonly #onProgress: ((bytes: number) => void) | undefined;
  readonly #buffers: [Buffer, Buffer] = [Buffer.allocUnsafeSlow(BUFFER_BYTES), Buffer.allocUnsafeSlow(BUFFER_BYTES)];
  #current = 0;
  #filled = 0;
  #pending: Promise<void> = Promise.resolve();

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

  /** Waits until everything is with the system. */
  async finish(): Promise<void> {
    await this.#send();
    await this.#pending;
  }

  get #buffer(): Buffer {
    return this.#current === 0 ? this.#buffers[0] : this.#buffers[1];
  }

  async #send(): Promise<void> {
    await this.#pending;
    const bytes = this.#buffer.subarray(0, this.#filled);
    const end = this.position;
    this.#current = 1 - this.#current;
    this.#filled = 0;
    if (bytes.length === 0) return;
    this.#pending = writeAll(this.#file, bytes, end - bytes.length).then(() => this.#onProgress?.(end));
    // A failure is thrown by the next `write` or by `finish`.
    this.#pending.catch(() => undefined);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
