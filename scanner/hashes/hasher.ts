import { availableParallelism } from 'node:os';
import { plainBuffer, type ReadBuffer } from '../read-forwards.ts';
import { DigestSet, HASH_GROUPS, type Hashes, type HashKind } from './digest-set.ts';
import { HashThread, makeSlots } from './hash-threads.ts';

const SLOT_BYTES = 4 * 1024 * 1024;
const SLOTS = 4;
/** Below this, starting threads takes longer than hashing. */
const THREADS_FROM = 64 * 1024 * 1024;

/** Pieces that are hashed where they were read; of no more than there is. */
const PIECE_BYTES = 8 * 1024 * 1024;

/**
 * Computes digests of bytes that come in order: given to `update`, or read into its own memory. Must be closed, whether or
 * not it was finished.
 */
export interface Hasher extends ReadBuffer, AsyncDisposable {
  /** Resolves when nothing is left to be loaded. It takes bytes before. */
  ready(): Promise<void>;
  /** The bytes may be overwritten as soon as this resolves. */
  update(bytes: Uint8Array): Promise<void>;
  /** Once, after the last `update`. */
  finish(): Promise<Hashes>;
}

/**
 * A hasher for a file of `size` bytes, of all kinds unless `groups` says which, one thread for each: in threads of its
 * own where that is worth it and allowed (Node's permission model may forbid threads), on this one elsewhere.
 */
export async function openHasher(size: number, groups = HASH_GROUPS): Promise<Hasher> {
  if (size >= THREADS_FROM && availableParallelism() > 1 && mayUseThreads()) return new ThreadedHasher(groups, size);
  const digests = await DigestSet.create(groups.flat(), size);
  const buffer = plainBuffer(Math.max(1, Math.min(size, PIECE_BYTES)));
  let room: Uint8Array = new Uint8Array(0);
  return {
    ready: async () => {},
    room: async () => {
      room = await buffer.room();
      return room;
    },
    take: (length) => digests.update(room.subarray(0, length)),
    update: async (bytes) => digests.update(bytes),
    finish: async () => digests.finish() as Hashes,
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Whether Node's permission model lets this process start threads. */
export function mayUseThreads(): boolean {
  return process.permission === undefined || process.permission.has('worker');
}

class ThreadedHasher implements Hasher {
  readonly #threads: { thread: HashThread; file: number; ready: Promise<void> }[];
  readonly #slots = makeSlots(SLOTS, SLOT_BYTES);
  /** For each slot, how many threads still read it. */
  readonly #readers = new Array<number>(SLOTS).fill(0);
  #failure: Error | null = null;
  #wake: () => void = () => {};
  /** The slot that is being filled, and how far. */
  #slot = 0;
  #filled = 0;

  constructor(groups: readonly (readonly HashKind[])[], size: number) {
    const onSlot = (slot: number) => {
      this.#readers[slot] = (this.#readers[slot] ?? 0) - 1;
      this.#wake();
    };
    const onFailure = (error: Error) => {
      this.#failure ??= error;
      this.#wake();
    };
    this.#threads = groups.map((kinds) => {
      const thread = new HashThread(this.#slots, onSlot, onFailure);
      return { thread, ...thread.open(kinds, size) };
    });
  }

  async ready(): Promise<void> {
    await Promise.all(this.#threads.map(({ ready }) => ready));
  }

  async room(): Promise<Uint8Array> {
    if (this.#filled === 0) await this.#waitFor(this.#slot);
    return new Uint8Array(this.#slots.buffer, this.#slot * SLOT_BYTES + this.#filled, SLOT_BYTES - this.#filled);
  }

  take(length: number): void {
    this.#filled += length;
    if (this.#filled === SLOT_BYTES) this.#send();
  }

  async update(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const room = await this.room();
      const part = bytes.subarray(done, done + room.length);
      room.set(part);
      this.take(part.length);
      done += part.length;
    }
  }

  async finish(): Promise<Hashes> {
    if (this.#failure !== null) throw this.#failure;
    this.#send();
    const answers = await Promise.all(this.#threads.map(({ thread, file }) => thread.finish(file)));
    return Object.assign({}, ...answers) as Hashes;
  }

  /** Hands over what is in the slot. Small pieces are gathered in it: a message for each would take longer than hashing. */
  #send(): void {
    if (this.#filled === 0) return;
    this.#readers[this.#slot] = this.#threads.length;
    for (const { thread, file } of this.#threads) thread.take(file, this.#slot, this.#filled);
    this.#slot = (this.#slot + 1) % SLOTS;
    this.#filled = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map(({ thread }) => thread.end()));
  }

  async #waitFor(slot: number): Promise<void> {
    while (this.#readers[slot] !== 0 && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== null) throw this.#failure;
  }
}
