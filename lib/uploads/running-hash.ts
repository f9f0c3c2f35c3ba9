import { type Hashes, openSharedHasher, type SharedHasher } from '#scanner/hashes/index.ts';

/** Reads bytes `[from, to)` of what was written. Throws where they are not all there. */
export type ReadWritten = (from: number, to: number) => AsyncIterable<Uint8Array>;

/** A hashing thread that ended takes what it had with it: the bytes are read again, so many times. */
const TRIES = 3;

/**
 * Every digest of a file that is being written: fed with what was written, and from the disk with what it missed (no
 * library here saves or loads a running hash, so one begun after a restart starts from the first byte). Reading what was
 * missed goes on in parallel with the writing, until the two meet. The hashing itself is done in a thread.
 */
export class RunningHash {
  readonly #read: ReadWritten;
  readonly #size: number;
  #hasher: Promise<SharedHasher> | null = null;
  #answer: Promise<Hashes> | null = null;
  /** Bytes in the hash. */
  #hashed = 0;
  /** Bytes known to be in the file. */
  #written = 0;
  /** What feeds the hash at the moment: one at a time. */
  #feeding: Promise<void> | null = null;
  #isDropped = false;

  /** `size` is that of the whole file, in bytes. */
  constructor(read: ReadWritten, size: number) {
    this.#read = read;
    this.#size = size;
  }

  /** Says that the file holds `size` bytes, and that what follows is written after them. */
  resumeAt(size: number): void {
    if (this.#hashed > size) this.#startOver();
    this.#written = size;
    this.#readMissed();
  }

  /** Takes bytes that have just been written at `at`. Waits while the hashing is behind. */
  async append(pieces: readonly Uint8Array[], at: number): Promise<void> {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
    this.#written = at + length;
    if (this.#feeding !== null || this.#hashed !== at) return this.#readMissed();
    await this.#feedAlone(() => this.#feed(this.#open(), pieces, length));
  }

  /** The digests of the whole file, which must all be there. Throws when it cannot be read, and once it was dropped. */
  async digests(): Promise<Hashes> {
    this.resumeAt(this.#size);
    for (let attempt = 1; ; attempt += 1) {
      try {
        while (this.#hashed < this.#size) {
          // Nothing feeds one that was dropped.
          if (this.#isDropped) break;
          this.#readMissed();
          await this.#feeding;
        }
        this.#answer ??= this.#open().then((hasher) => hasher.finish());
        return await this.#answer;
      } catch (error) {
        this.#startOver();
        if (attempt === TRIES || this.#isDropped) throw error;
      }
    }
  }

  /** Ends it: nobody is to ask for the digests, and who has asked is told so. */
  drop(): void {
    this.#isDropped = true;
    this.#startOver();
  }

  #readMissed(): void {
    if (this.#feeding !== null || this.#hashed >= this.#written || this.#isDropped) return;
    // Who asks for the digests is told; until then a failed read is only tried again.
    void this.#feedAlone(() => this.#readFromDisk()).catch(() => {});
  }

  async #feedAlone(feed: () => Promise<void>): Promise<void> {
    const feeding = feed();
    this.#feeding = feeding;
    try {
      await feeding;
    } catch (error) {
      // What a thread that ended had is lost with it.
      if (this.#feeding === feeding) this.#startOver();
      throw error;
    } finally {
      if (this.#feeding === feeding) this.#feeding = null;
    }
  }

  async #readFromDisk(): Promise<void> {
    const hasher = this.#open();
    while (this.#hasher === hasher && this.#hashed < this.#written) {
      for await (const bytes of this.#read(this.#hashed, this.#written)) {
        if (this.#hasher !== hasher) return;
        await this.#feed(hasher, [bytes], bytes.length);
      }
    }
  }

  async #feed(opening: Promise<SharedHasher>, pieces: readonly Uint8Array[], length: number): Promise<void> {
    const hasher = await opening;
    if (this.#hasher !== opening) return;
    await hasher.update(pieces);
    if (this.#hasher === opening) this.#hashed += length;
  }

  #open(): Promise<SharedHasher> {
    if (this.#isDropped) throw new Error('The upload has ended, and its hash with it.');
    if (this.#hasher === null) {
      this.#hasher = openSharedHasher(this.#size);
      // Met by who feeds it, which nobody does where nothing can be read.
      this.#hasher.catch(() => {});
    }
    return this.#hasher;
  }

  #startOver(): void {
    const hasher = this.#hasher;
    this.#hasher = null;
    this.#answer = null;
    this.#feeding = null;
    this.#hashed = 0;
    hasher?.then(
      (one) => one.drop(),
      () => {},
    );
  }
}
