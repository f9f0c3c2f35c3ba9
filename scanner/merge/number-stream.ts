import type { Decode } from './number-decoders.ts';

/** The numbers of one tensor, from the first to the last, in as small parts as the caller wants them. */
export class NumberStream implements AsyncDisposable {
  readonly #blocks: AsyncGenerator<Uint8Array>;
  readonly #decode: Decode;
  /** Bytes of one number. */
  readonly #width: number;
  #block: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(blocks: AsyncGenerator<Uint8Array>, decode: Decode, width: number) {
    this.#blocks = blocks;
    this.#decode = decode;
    this.#width = width;
  }

  /** Fills `into` with the next numbers. Throws RangeError where there are not so many. */
  async fill(into: Float64Array): Promise<void> {
    for (let done = 0; done < into.length; ) {
      if (this.#at === this.#block.length) {
        const { value, done: isOver } = await this.#blocks.next();
        if (isOver) throw new RangeError('A tensor has less data than its shape requires.');
        this.#block = value;
        this.#at = 0;
      }
      const count = Math.min(into.length - done, (this.#block.length - this.#at) / this.#width);
      this.#decode(this.#block.subarray(this.#at, this.#at + count * this.#width), into, done);
      this.#at += count * this.#width;
      done += count;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#blocks.return(undefined);
  }
}
