const LEAST_BYTES = 64 * 1024;
const MOST_BYTES = 512 * 1024;
/** What all buffers in use may take before new ones get smaller. */
const BUDGET_BYTES = 64 * 1024 * 1024;
/** Buffers that nobody has asked for in this time are dropped. */
const IDLE_MS = 10_000;

/**
 * Buffers to read files into, used again and again: large while few files are sent, smaller when many are, so that many
 * slow readers do not take all memory.
 */
export class ReadBuffers {
  readonly #free = new Map<number, Buffer[]>();
  #inUse = 0;
  #idle: NodeJS.Timeout | undefined;

  /** A buffer with anything in it, for one reader until `give` or `drop`. */
  take(): Buffer {
    this.#inUse += 1;
    const share = Math.min(Math.max(BUDGET_BYTES / this.#inUse, LEAST_BYTES), MOST_BYTES);
    const size = 2 ** Math.floor(Math.log2(share));
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  /** Gives a buffer back that nothing reads or writes any more. */
  give(buffer: Buffer): void {
    this.#inUse -= 1;
    const free = this.#free.get(buffer.length) ?? [];
    free.push(buffer);
    this.#free.set(buffer.length, free);
    if (this.#idle === undefined) this.#idle = setTimeout(() => this.#clear(), IDLE_MS).unref();
    else this.#idle.refresh();
  }

  /** Gives a buffer up that the system may still be sending. */
  drop(): void {
    this.#inUse -= 1;
  }

  #clear(): void {
    this.#idle = undefined;
    this.#free.clear();
  }
}
