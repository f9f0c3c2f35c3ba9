import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { programFile } from '../program-file.ts';
import { DigestSet, HASH_GROUPS, type Hashes, type HashKind } from './digest-set.ts';

const SLOT_BYTES = 4 * 1024 * 1024;
const SLOTS = 4;
const THREAD = 'scanner/hashes/hash-thread.ts';
/** Below this, starting threads takes longer than hashing. */
const THREADS_FROM = 64 * 1024 * 1024;

/** Computes digests of bytes that are fed to it in order. Must be closed, whether or not it was finished. */
export interface Hasher extends AsyncDisposable {
  /** Resolves when nothing is left to be loaded. It takes bytes before. */
  ready(): Promise<void>;
  /** The bytes may be overwritten as soon as this resolves. */
  update(bytes: Uint8Array): Promise<void>;
  /** Once, after the last `update`. */
  finish(): Promise<Hashes>;
}

/** What a hashing thread is told: to take bytes of the slot, or (`end`) to answer. */
export type ThreadMessage = { slot: number; length: number } | { end: true };
/** What it answers: that it is loaded, a slot that it has done with, or its digests. */
export type ThreadAnswer = { ready: true } | { slot: number } | { hashes: Partial<Hashes> };
export interface ThreadSetup {
  kinds: readonly HashKind[];
  size: number;
  slots: SharedArrayBuffer;
  slotBytes: number;
}

/**
 * A hasher for a file of `size` bytes, of all kinds unless `groups` says which, one thread for each: in threads of its own where that is worth it and allowed (Node's permission model
 * may forbid threads), on this one elsewhere.
 */
export async function openHasher(size: number, groups = HASH_GROUPS): Promise<Hasher> {
  if (size >= THREADS_FROM && availableParallelism() > 1 && mayUseThreads()) return new ThreadedHasher(groups, size);
  const digests = await DigestSet.create(groups.flat(), size);
  return {
    ready: async () => {},
    update: async (bytes) => digests.update(bytes),
    finish: async () => digests.finish() as Hashes,
    [Symbol.asyncDispose]: async () => {},
  };
}

function mayUseThreads(): boolean {
  return process.permission === undefined || process.permission.has('worker');
}

class ThreadedHasher implements Hasher {
  readonly #threads: Worker[];
  readonly #slots = new SharedArrayBuffer(SLOT_BYTES * SLOTS);
  /** For each slot, how many threads still read it. */
  readonly #readers = new Array<number>(SLOTS).fill(0);
  #loaded = 0;
  readonly #answers: Partial<Hashes>[] = [];
  #failure: Error | null = null;
  #wake: () => void = () => {};
  #next = 0;

  constructor(groups: readonly (readonly HashKind[])[], size: number) {
    this.#threads = groups.map((kinds) => {
      const workerData: ThreadSetup = { kinds, size, slots: this.#slots, slotBytes: SLOT_BYTES };
      const thread = new Worker(programFile(THREAD), { workerData });
      thread.on('message', (answer: ThreadAnswer) => {
        if ('slot' in answer) this.#readers[answer.slot] = (this.#readers[answer.slot] ?? 0) - 1;
        else if ('ready' in answer) this.#loaded += 1;
        else this.#answers.push(answer.hashes);
        this.#wake();
      });
      thread.on('error', (error) => {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#wake();
      });
      return thread;
    });
  }

  async ready(): Promise<void> {
    await this.#waitUntil(() => this.#loaded === this.#threads.length);
  }

  async update(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const slot = this.#next;
      this.#next = (this.#next + 1) % SLOTS;
      await this.#waitUntil(() => this.#readers[slot] === 0);
      const part = bytes.subarray(done, done + SLOT_BYTES);
      new Uint8Array(this.#slots, slot * SLOT_BYTES, part.length).set(part);
      this.#readers[slot] = this.#threads.length;
      this.#post({ slot, length: part.length });
      done += part.length;
    }
  }

  async finish(): Promise<Hashes> {
    this.#post({ end: true });
    await this.#waitUntil(() => this.#answers.length === this.#threads.length);
    return Object.assign({}, ...this.#answers) as Hashes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }

  #post(message: ThreadMessage): void {
    for (const thread of this.#threads) thread.postMessage(message);
  }

  async #waitUntil(isSo: () => boolean): Promise<void> {
    while (!isSo() && this.#failure === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#failure !== null) throw this.#failure;
  }
}
