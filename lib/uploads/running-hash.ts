import { type Fill, type Hashes, openSharedHasher, type SharedHasher } from '#scanner/hashes/index.ts';

/** Hands bytes `[from, to)` of what was written to `take`, in order. Throws where they are not all there. */
export type ReadWritten = (from: number, to: number, take: (fill: Fill) => Promise<number>) => Promise<void>;

/** A hashing thread that ended takes what it had with it: the bytes are read again, so many times. */
const TRIES = 3;
const ENDED = 'The upload has ended, and its hash with it.';
/** Reading begins when there is so much to read. */
const READ_FROM = 4 * 1024 * 1024;
/** Whoever writes waits when the hash is so far behind, so that what it reads is still in the page cache. */
const MAX_BEHIND = 64 * 1024 * 1024;

/**
 * Every digest of a file that is being written, of its bytes as they lie there: each is read back after it was written,
 * beside the writing of the next. (No library here saves or loads a running hash, so one begun after a restart starts from
 * the first byte.) The hashing itself is done in a thread.
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
  /** Who waits until the hash is less far behind. */
  #waiting: (() => void)[] = [];
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

  /** Says that the file holds `size` bytes by now. Waits while the hashing is far behind. */
  async grow(size: number): Promise<void> {
    if (this.#isDropped) throw new Error(ENDED);
    this.#written = size;
    if (size - this.#hashed >= READ_FROM) this.#readMissed();
    if (size - this.#hashed > MAX_BEHIND) await new Promise<void>((resolve) => this.#waiting.push(resolve));
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
      await this.#read(this.#hashed, this.#written, (fill) => this.#take(hasher, fill));
    }
  }

  async #take(opening: Promise<SharedHasher>, fill: Fill): Promise<number> {
    const hasher = await opening;
    if (this.#hasher !== opening) throw new Error(ENDED);
    const length = await hasher.read(fill);
    if (this.#hasher === opening) this.#hashed += length;
    if (this.#written - this.#hashed <= MAX_BEHIND) this.#wake();
    return length;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #open(): Promise<SharedHasher> {
    if (this.#isDropped) throw new Error(ENDED);
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
    this.#wake();
    hasher?.then(
      (one) => one.drop(),
      () => {},
    );
  }
}
