import { availableParallelism } from 'node:os';
import { DigestSet, HASH_GROUPS, type Hashes } from './digest-set.ts';
import { HashThread, makeSlots } from './hash-threads.ts';
import { type Hasher, mayUseThreads } from './hasher.ts';

const SLOT_BYTES = 1024 * 1024;
/** Bytes that wait for a thread: who has more waits for one of these. All the memory that it takes, however many files. */
const SLOTS = 16;
/** A thread hashes about half a gigabyte a second, more than most connections bring. */
const MAX_THREADS = 4;
/** When nobody has had a file for so long, the threads end. */
const IDLE_MS = 10_000;
const ALL_KINDS = HASH_GROUPS.flat();
const ENDED = 'The hashing of this file has ended.';

/** Puts bytes at the beginning of `room`. Resolves to how many. */
export type Fill = (room: Uint8Array) => Promise<number>;

/** Computes all digests of a file that comes piece by piece, beside others. */
export interface SharedHasher extends Pick<Hasher, 'finish'> {
  /**
   * Hashes what `fill` puts at the beginning of memory that threads share, and returns its length: nothing is copied.
   * Waits while all of that memory is in use. One call at a time.
   */
  read(fill: Fill): Promise<number>;
  /** Ends it without an answer. */
  drop(): void;
}

/**
 * A hasher for a file of `size` bytes that many at once can have: they share a few threads and a fixed amount of memory,
 * so that a server hashes what it receives beside answering. Elsewhere than in a thread where those are not allowed.
 */
export async function openSharedHasher(size: number): Promise<SharedHasher> {
  const thread = pool().open(size);
  if (thread !== null) return thread;
  const digests = await DigestSet.create(ALL_KINDS, size);
  const room = new Uint8Array(SLOT_BYTES);
  return {
    read: async (fill) => {
      const length = await fill(room);
      digests.update(room.subarray(0, length));
      return length;
    },
    finish: async () => digests.finish() as Hashes,
    drop: () => {},
  };
}

interface PooledThread {
  thread: HashThread;
  /** Files that it has. */
  files: number;
}

/** Threads of this process and the memory that they are fed through, from the first file to when none is left. */
class HashPool {
  readonly #slots = makeSlots(SLOTS, SLOT_BYTES);
  readonly #free: number[] = Array.from({ length: SLOTS }, (_, slot) => slot);
  /** Who waits for a slot, in order. */
  readonly #waiting: ((slot: number) => void)[] = [];
  #threads: PooledThread[] = [];
  /** Slots that a thread has, so that those of one that failed come back. */
  readonly #holders = new Map<number, HashThread>();
  #idle: NodeJS.Timeout | null = null;

  /** Null where there can be no thread. */
  open(size: number): SharedHasher | null {
    const pooled = this.#pick();
    if (pooled === null) return null;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    pooled.files += 1;
    const { thread } = pooled;
    const { file } = thread.open(ALL_KINDS, size);
    let isOpen = true;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      this.#leave(pooled);
    };
    return {
      read: async (fill) => {
        const slot = await this.#takeSlot();
        let length = 0;
        try {
          if (thread.failure === null && isOpen)
            length = await fill(new Uint8Array(this.#slots.buffer, slot * SLOT_BYTES, SLOT_BYTES));
          if (thread.failure !== null || !isOpen) throw thread.failure ?? new Error(ENDED);
        } catch (error) {
          this.#giveSlot(slot);
          throw error;
        }
        if (length === 0) {
          this.#giveSlot(slot);
          return 0;
        }
        this.#holders.set(slot, thread);
        thread.take(file, slot, length);
        return length;
      },
      finish: async () => {
        if (!isOpen) throw new Error(ENDED);
        try {
          return (await thread.finish(file)) as Hashes;
        } finally {
          close();
        }
      },
      drop() {
        if (isOpen && thread.failure === null) thread.drop(file);
        close();
      },
    };
  }

  /** The thread with the fewest files; a new one while there may be more and none is free. */
  #pick(): PooledThread | null {
    const least = this.#threads.toSorted((a, b) => a.files - b.files)[0];
    const most = Math.max(1, Math.min(MAX_THREADS, availableParallelism() - 1));
    if (least !== undefined && (least.files === 0 || this.#threads.length >= most)) return least;
    if (!mayUseThreads()) return null;
    const thread: HashThread = new HashThread(
      this.#slots,
      (slot) => this.#giveSlot(slot),
      () => this.#forget(thread),
    );
    const pooled = { thread, files: 0 };
    this.#threads.push(pooled);
    return pooled;
  }

  #forget(failed: HashThread): void {
    this.#threads = this.#threads.filter(({ thread }) => thread !== failed);
    for (const [slot, thread] of [...this.#holders]) if (thread === failed) this.#giveSlot(slot);
  }

  async #takeSlot(): Promise<number> {
    return this.#free.pop() ?? (await new Promise<number>((resolve) => this.#waiting.push(resolve)));
  }

  #giveSlot(slot: number): void {
    this.#holders.delete(slot);
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slot);
    else next(slot);
  }

  #leave(pooled: PooledThread): void {
    pooled.files -= 1;
    if (this.#threads.some(({ files }) => files > 0)) return;
    this.#idle = setTimeout(() => {
      // The memory goes with the threads.
      if (shared === this) shared = undefined;
      for (const { thread } of this.#threads) void thread.end();
    }, IDLE_MS);
    this.#idle.unref();
  }
}

let shared: HashPool | undefined;

function pool(): HashPool {
  shared ??= new HashPool();
  return shared;
}
