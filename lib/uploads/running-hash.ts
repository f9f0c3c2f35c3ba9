import { createHash, type Hash } from 'node:crypto';

/** Reads bytes `[from, to)` of what was written. */
export type ReadWritten = (from: number, to: number) => AsyncIterable<Uint8Array>;

/**
 * The SHA-256 of a file that is being written: fed with what was written, and from the disk with what it missed (Node
 * can neither save nor load a running hash, so one begun after a restart starts from the first byte). Reading what was
 * missed goes on in parallel with the writing, until the two meet.
 */
export class RunningHash {
  readonly #read: ReadWritten;
  #hash: Hash = createHash('sha256');
  /** Bytes in the hash. */
  #hashed = 0;
  /** Bytes known to be in the file. */
  #written = 0;
  #reading: Promise<void> | null = null;

  constructor(read: ReadWritten) {
    this.#read = read;
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
    while (this.#hashed < this.#written) {
      const hash = this.#hash;
      for await (const bytes of this.#read(this.#hashed, this.#written)) {
        if (hash !== this.#hash) break;
        hash.update(bytes);
        this.#hashed += bytes.length;
      }
    }
  }

  #startOver(): void {
    this.#hash = createHash('sha256');
    this.#hashed = 0;
  }
}
