import type { Value } from '../values.ts';

/**
 * What a pickle remembers by number. Picklers count from 0 on, so those stand in a list of 8 bytes each; a Map would take
 * five times as much. Any other number of 32 bits has its place next to them.
 */
export class Memo {
  readonly #counted: Value[] = [];
  readonly #others = new Map<number, Value>();

  /** How many are remembered. MEMOIZE takes this as its number, as CPython does. */
  get size(): number {
    return this.#counted.length + this.#others.size;
  }

  has(key: number): boolean {
    return this.get(key) !== undefined;
  }

  get(key: number): Value | undefined {
    return key < this.#counted.length ? this.#counted[key] : this.#others.get(key);
  }

  /** Returns the bytes that this takes, about. */
  set(key: number, value: Value): number {
    if (key < this.#counted.length) {
      this.#counted[key] = value;
      return 0;
    }
    if (key === this.#counted.length && !this.#others.has(key)) {
      this.#counted.push(value);
      return COUNTED_COST;
    }
    const isNew = !this.#others.has(key);
    this.#others.set(key, value);
    return isNew ? OTHER_COST : 0;
  }
}

/** A list grows by half of itself and is copied meanwhile. */
const COUNTED_COST = 16;
const OTHER_COST = 72;
