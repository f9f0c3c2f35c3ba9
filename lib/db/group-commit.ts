import { Batcher, type Question } from '../batcher.ts';
import { db, type Tx } from './client.ts';
import { isDatabaseOutage } from './outage.ts';

/** Most items of one transaction: enough that its own cost no longer counts, few enough that it ends soon. */
const MAX_ITEMS = 32;

/**
 * Does in one transaction what many callers ask for at the same time: those who come while one runs go together in the
 * next. Each statement and each commit is then paid once, not a hundred times. Where a transaction of several fails, each
 * of them is tried alone, so that nobody fails by what another one brought.
 */
export class GroupCommit<Item, Result> {
  readonly #work: (tx: Tx, items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #batcher = new Batcher<Item, Result>((group) => this.#commit(group), { most: MAX_ITEMS });

  /** `work` answers every item, in their order. It takes locks in an order that is the same in all processes. */
  constructor(work: (tx: Tx, items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#work = work;
  }

  /** Resolves when what was done for this item is committed. */
  run(item: Item): Promise<Result> {
    return this.#batcher.run(item);
  }

  async #commit(group: readonly Question<Item, Result>[]): Promise<void> {
    try {
      const results = await db().$transaction((tx) =>
        this.#work(
          tx,
          group.map(({ item }) => item),
        ),
      );
      if (results.length !== group.length) throw new Error('A group was answered in part.');
      for (const [index, result] of results.entries()) group[index]?.resolve(result);
    } catch (error) {
      if (group.length === 1 || isDatabaseOutage(error)) for (const { reject } of group) reject(error);
      else for (const one of group) await this.#commit([one]);
    }
  }
}
