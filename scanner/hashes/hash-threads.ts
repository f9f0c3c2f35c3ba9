import { Worker } from 'node:worker_threads';
import { programFile } from '../program-file.ts';
import type { Hashes, HashKind } from './digest-set.ts';

const THREAD = 'scanner/hashes/hash-thread.ts';

/** What a hashing thread is told of a file: that it begins, to take bytes of a slot, to answer, or that nobody asks any more. */
export type ThreadMessage =
  | { file: number; kinds: readonly HashKind[]; size: number }
  | { file: number; slot: number; length: number }
  | { file: number; end: true }
  | { file: number; drop: true };
/** What it answers: that all is loaded which a file takes, a slot that it has done with, or the digests of a file. */
export type ThreadAnswer = { file: number; ready: true } | { slot: number } | { file: number; hashes: Partial<Hashes> };
export interface ThreadSetup {
  slots: SharedArrayBuffer;
  slotBytes: number;
}

export interface Slots {
  buffer: SharedArrayBuffer;
  count: number;
  bytes: number;
}

/** Shared memory that bytes are handed to threads in. */
export function makeSlots(count: number, bytes: number): Slots {
  return { buffer: new SharedArrayBuffer(count * bytes), count, bytes };
}

/**
 * A thread that hashes files which are fed to it through slots of shared memory, each on its own. It keeps the process
 * running only while it has something to do.
 */
export class HashThread {
  readonly #thread: Worker;
  readonly #opened = new Map<number, PromiseWithResolvers<void>>();
  readonly #ended = new Map<number, PromiseWithResolvers<Partial<Hashes>>>();
  #failure: Error | null = null;
  #next = 0;
  /** Answers that are still to come. */
  #awaited = 0;

  /** `onSlot` is told of each slot that the thread has done with, `onFailure` when it is gone. */
  constructor(slots: Slots, onSlot: (slot: number) => void, onFailure: (error: Error) => void) {
    const workerData: ThreadSetup = { slots: slots.buffer, slotBytes: slots.bytes };
    this.#thread = new Worker(programFile(THREAD), { workerData });
    this.#thread.on('message', (answer: ThreadAnswer) => {
      this.#awaited -= 1;
      if (this.#awaited === 0) this.#thread.unref();
      if ('slot' in answer) return onSlot(answer.slot);
      const { file } = answer;
      if ('ready' in answer) {
        this.#opened.get(file)?.resolve();
        this.#opened.delete(file);
      } else {
        this.#ended.get(file)?.resolve(answer.hashes);
        this.#ended.delete(file);
      }
    });
    const fail = (error: Error) => {
      if (this.#failure !== null) return;
      this.#failure = error;
      for (const { reject } of [...this.#opened.values(), ...this.#ended.values()]) reject(error);
      onFailure(error);
    };
    this.#thread.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
    this.#thread.on('exit', () => fail(new Error('The hashing thread has ended.')));
  }

  /** Why the thread is gone; null while it is there. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Begins a file. Returns its number, and what resolves when nothing is left to be loaded for it. */
  open(kinds: readonly HashKind[], size: number): { file: number; ready: Promise<void> } {
    const file = this.#next;
    this.#next += 1;
    const opened = Promise.withResolvers<void>();
    // Who does not wait for it meets the failure where the digests are asked for.
    opened.promise.catch(() => {});
    if (this.#failure === null) this.#opened.set(file, opened);
    else opened.reject(this.#failure);
    this.#ask({ file, kinds, size });
    return { file, ready: opened.promise };
  }

  take(file: number, slot: number, length: number): void {
    this.#ask({ file, slot, length });
  }

  /** The digests of what the file was fed, which ends it. */
  async finish(file: number): Promise<Partial<Hashes>> {
    if (this.#failure !== null) throw this.#failure;
    const ended = Promise.withResolvers<Partial<Hashes>>();
    this.#ended.set(file, ended);
    this.#ask({ file, end: true });
    return await ended.promise;
  }

  /** Ends a file without an answer. */
  drop(file: number): void {
    this.#post({ file, drop: true });
  }

  async end(): Promise<void> {
    await this.#thread.terminate();
  }

  /** Says what has an answer. */
  #ask(message: ThreadMessage): void {
    this.#awaited += 1;
    this.#thread.ref();
    this.#post(message);
  }

  #post(message: ThreadMessage): void {
    this.#thread.postMessage(message);
  }
}
