import { createHash, type Hash } from 'node:crypto';
import { open } from 'node:fs/promises';

const READ_BYTES = 4 * 1024 * 1024;

/**
 * The SHA-256 of a file that is being written: fed with what was written, and from the disk with what it missed (Node
 * can neither save nor load a running hash, so one begun after a restart starts from the first byte). Reading what was
 * missed goes on in parallel with the writing, until the two meet.
 */
export class RunningHash {
  readonly #path: string;
  #hash: Hash = createHash('sha256');
  /** Bytes in the hash. */
  #hashed = 0;
  /** Bytes known to be in the file. */
  #written = 0;
  #reading: Promise<void> | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  /** Says that the file holds `size` bytes, and that what follows is written after them. */
  resumeAt(size: number): void {
    if (this.#hashed > size) this.#startOver();
    this.#written = size;
    this.#readMissed();
  }

  /** Takes bytes that have just been written at `at`. */
  append(bytes: Uint8Array, at: number): void {
    this.#written = at + bytes.length;
    if (this.#reading === null && this.#hashed === at) {
      this.#hash.update(bytes);
      this.#hashed += bytes.length;
    } else {
      this.#readMissed();
    }
  }

  /** SHA-256 of the first `size` bytes, which all of the file must be; lower-case hex. Throws when they cannot be read. */
  async digest(size: number): Promise<string> {
    this.resumeAt(size);
    while (this.#hashed < size) {
      this.#readMissed();
      await this.#reading;
    }
    return this.#hash.copy().digest('hex');
  }

  #readMissed(): void {
    if (this.#reading !== null || this.#hashed >= this.#written) return;
    const reading = this.#readFromDisk().finally(() => {
      if (this.#reading === reading) this.#reading = null;
    });
    // Who asks for the digest is told; until then a failed read is only tried again.
    reading.catch(() => {});
    this.#reading = reading;
  }

  async #readFromDisk(): Promise<void> {
    const file = await open(this.#path, 'r');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    try {
      while (this.#hashed < this.#written) {
        const hash = this.#hash;
        const length = Math.min(READ_BYTES, this.#written - this.#hashed);
        const { bytesRead } = await file.read(buffer, 0, length, this.#hashed);
        if (hash !== this.#hash) continue;
        if (bytesRead === 0) throw new Error('The uploaded file is shorter than the received data.');
        hash.update(buffer.subarray(0, bytesRead));
        this.#hashed += bytesRead;
      }
    } finally {
      await file.close();
    }
  }

  #startOver(): void {
    this.#hash = createHash('sha256');
    this.#hashed = 0;
  }
}
