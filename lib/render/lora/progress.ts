import type { PreparingOptions } from './types.ts';

/** The event loop gets a turn after so many numbers: signals, messages. */
const NUMBERS_A_TURN = 4 * 1024 * 1024;

/** How far the work is, counted in numbers. */
export class Progress {
  readonly #total: number;
  readonly #options: Pick<PreparingOptions, 'onProgress' | 'signal'>;
  #done = 0;
  #sinceTurn = 0;

  constructor(total: number, options: Pick<PreparingOptions, 'onProgress' | 'signal'>) {
    this.#total = total;
    this.#options = options;
  }

  /** Throws the signal's reason where it is aborted. */
  async advance(numbers: number): Promise<void> {
    this.#done += numbers;
    this.#sinceTurn += numbers;
    if (this.#sinceTurn >= NUMBERS_A_TURN) {
      this.#sinceTurn = 0;
      await new Promise(setImmediate);
    }
    this.#options.signal?.throwIfAborted();
    this.#options.onProgress?.(Math.min(1, this.#done / Math.max(1, this.#total)));
  }
}
