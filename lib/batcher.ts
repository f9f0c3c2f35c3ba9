/** What one caller asks for, and how it is answered. */
export interface Question<Item, Answer> {
  item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Does together what many callers ask for at the same time: those who come while one batch is worked on go together into
 * the next.
 */
export class Batcher<Item, Answer> {
  readonly #work: (batch: readonly Question<Item, Answer>[]) => Promise<void>;
  readonly #most: number;
  #waiting: Question<Item, Answer>[] = [];
  #isRunning = false;

  /** `work` answers every question of a batch of at most `most`; what it throws is the answer to the others. */
  constructor(
    work: (batch: readonly Question<Item, Answer>[]) => Promise<void>,
    { most = Number.POSITIVE_INFINITY }: { most?: number } = {},
  ) {
    this.#work = work;
    this.#most = most;
  }

  run(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isRunning) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#most);
      await this.#work(batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      });
    }
    this.#isRunning = false;
  }
}
