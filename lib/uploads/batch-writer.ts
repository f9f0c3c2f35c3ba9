/** Bytes written at a time. The pieces of a request are 64 KiB or less, and each write is a trip to another thread. */
const BATCH_BYTES = 1024 * 1024;

export interface BatchTarget {
  /** Writes pieces one behind the other. */
  write(pieces: readonly Buffer<ArrayBuffer>[], at: number): Promise<void>;
  /** Called in order with what has been written, and where that ends. The next batch waits for it. */
  written(pieces: readonly Buffer<ArrayBuffer>[], end: number): Promise<void>;
}

/** Gathers pieces into larger writes; hands each batch on while the next one is on its way to the disk. */
export class BatchWriter {
  readonly #target: BatchTarget;
  #pieces: Buffer<ArrayBuffer>[] = [];
  #gathered = 0;
  #inFlight: Promise<void> = Promise.resolve();
  #done: { pieces: Buffer<ArrayBuffer>[]; end: number } | null = null;
  /** Where the next batch goes. */
  position: number;
  failed = false;

  constructor(position: number, target: BatchTarget) {
    this.position = position;
    this.#target = target;
  }

  /** A promise where the next piece must wait. */
  push(piece: Buffer<ArrayBuffer>): Promise<void> | undefined {
    this.#pieces.push(piece);
    this.#gathered += piece.length;
    return this.#gathered >= BATCH_BYTES ? this.#flush() : undefined;
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#settle();
  }

  async #flush(): Promise<void> {
    if (this.#gathered === 0) return;
    await this.#inFlight;
    const written = this.#done;
    const pieces = this.#pieces;
    const at = this.position;
    this.position += this.#gathered;
    this.#pieces = [];
    this.#gathered = 0;
    this.#done = { pieces, end: this.position };
    this.#inFlight = this.#target.write(pieces, at).catch((error: unknown) => {
      this.failed = true;
      throw error;
    });
    // The failure is met when the next batch, or the end, waits for this one.
    this.#inFlight.catch(() => {});
    if (written !== null) await this.#target.written(written.pieces, written.end);
  }

  async #settle(): Promise<void> {
    await this.#inFlight;
    const done = this.#done;
    this.#done = null;
    if (done !== null) await this.#target.written(done.pieces, done.end);
  }
}
