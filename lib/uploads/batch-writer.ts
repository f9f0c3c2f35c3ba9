/** Bytes written at a time. The pieces of a request are 64 KiB or less, and each write is a trip to another thread. */
const BATCH_BYTES = 1024 * 1024;

export interface BatchTarget {
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** Called in order with what has been written. */
  written(bytes: Uint8Array, at: number): void;
}

/** Gathers pieces into larger writes; hands each batch on while the next one is on its way to the disk. */
export class BatchWriter {
  readonly #target: BatchTarget;
  #pieces: Buffer[] = [];
  #gathered = 0;
  #inFlight: Promise<void> = Promise.resolve();
  #done: { bytes: Buffer; at: number } | null = null;
  /** Where the next batch goes. */
  position: number;
  failed = false;

  constructor(position: number, target: BatchTarget) {
    this.position = position;
    this.#target = target;
  }

  async push(piece: Buffer): Promise<void> {
    this.#pieces.push(piece);
    this.#gathered += piece.length;
    if (this.#gathered >= BATCH_BYTES) await this.#flush();
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.#settle();
  }

  async #flush(): Promise<void> {
    if (this.#gathered === 0) return;
    await this.#inFlight;
    const written = this.#done;
    const bytes = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    const at = this.position;
    this.#pieces = [];
    this.#gathered = 0;
    this.position += bytes.length;
    this.#done = { bytes, at };
    this.#inFlight = this.#target.write(bytes, at).catch((error: unknown) => {
      this.failed = true;
      throw error;
    });
    // The failure is met when the next batch, or the end, waits for this one.
    this.#inFlight.catch(() => {});
    if (written !== null) this.#target.written(written.bytes, written.at);
  }

  async #settle(): Promise<void> {
    await this.#inFlight;
    if (this.#done !== null) this.#target.written(this.#done.bytes, this.#done.at);
    this.#done = null;
  }
}
