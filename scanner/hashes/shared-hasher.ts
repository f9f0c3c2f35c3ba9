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

/** Computes all digests of a file that comes piece by piece, beside others. */
export interface SharedHasher extends Pick<Hasher, 'finish'> {
  /** The pieces may be overwritten as soon as this resolves. One call at a time. */
  update(pieces: readonly Uint8Array[]): Promise<void>;
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
  return {
    update: async (pieces) => {
      for (const piece of pieces) digests.update(piece);
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
      update: async (pieces) => {
        const copy = new PieceReader(pieces);
        while (copy.left > 0) {
          const slot = await this.#takeSlot();
          if (thread.failure !== null || !isOpen) {
            this.#giveSlot(slot);
            throw thread.failure ?? new Error(ENDED);
          }
          const length = copy.readInto(new Uint8Array(this.#slots.buffer, slot * SLOT_BYTES, SLOT_BYTES));
          this.#holders.set(slot, thread);
          thread.take(file, slot, length);
        }
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

/** Reads pieces as if they were one. */
class PieceReader {
  readonly #pieces: readonly Uint8Array[];
  #index = 0;
  #at = 0;
  left: number;

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
    this.left = pieces.reduce((sum, { length }) => sum + length, 0);
  }

  /** Fills `target` as far as there are bytes. Returns how many. */
  readInto(target: Uint8Array): number {
    let done = 0;
    while (done < target.length) {
      const piece = this.#pieces[this.#index];
      if (piece === undefined) break;
      const part = piece.subarray(this.#at, this.#at + target.length - done);
      target.set(part, done);
      done += part.length;
      this.#at += part.length;
      if (this.#at < piece.length) continue;
      this.#index += 1;
      this.#at = 0;
    }
    this.left -= done;
    return done;
  }
}

let shared: HashPool | undefined;

function pool(): HashPool {
  shared ??= new HashPool();
  return shared;
}
