import type { TensorTable } from '../tensors/index.ts';

/** Names and shapes of a table, made quick to ask. Every answer can be cited as evidence. */
export class KeyIndex {
  readonly names: readonly string[];
  readonly #shapes: ReadonlyMap<string, readonly number[]>;

  constructor(shapes: ReadonlyMap<string, readonly number[]>) {
    this.#shapes = shapes;
    this.names = [...shapes.keys()];
  }

  static of(table: TensorTable): KeyIndex {
    return new KeyIndex(new Map(table.tensors.map(({ name, shape }) => [name, shape])));
  }

  has(name: string): boolean {
    return this.#shapes.has(name);
  }

  shape(name: string): readonly number[] | undefined {
    return this.#shapes.get(name);
  }

  /** One side of a tensor, counted from the end where negative. Undefined where there is no such tensor or side. */
  side(name: string, axis: number): number | undefined {
    return this.#shapes.get(name)?.at(axis);
  }

  /** The first name that matches. */
  find(pattern: RegExp): string | undefined {
    return this.names.find((name) => pattern.test(name));
  }

  count(prefix: string): number {
    return this.names.reduce((sum, name) => (name.startsWith(prefix) ? sum + 1 : sum), 0);
  }

  /** The tensors under a prefix, which their names lose. */
  under(prefix: string): KeyIndex {
    if (prefix === '') return this;
    const inner = new Map<string, readonly number[]>();
    for (const [name, shape] of this.#shapes) if (name.startsWith(prefix)) inner.set(name.slice(prefix.length), shape);
    return new KeyIndex(inner);
  }

  /** `name [640,768]`, as evidence quotes it. */
  cite(name: string): string {
    return `${name} [${(this.#shapes.get(name) ?? []).join(',')}]`;
  }
}

/**
 * A test of keys: the key is there, or the side `axis` of its shape has that size. Kept as data, so that a new model is
 * a new row.
 */
export type KeyTest = string | readonly [key: string, axis: number, size: number];

export interface KeyRow {
  base: string;
  variant?: string;
  all: readonly KeyTest[];
  none?: readonly string[];
}

/** The first row whose tests all hold, with the keys that did it. */
export function matchRow<Row extends KeyRow>(
  rows: readonly Row[],
  keys: KeyIndex,
): { row: Row; cited: string[] } | undefined {
  for (const row of rows) {
    if (row.all.every((test) => holds(keys, test)) && !row.none?.some((name) => keys.has(name))) {
      return { row, cited: row.all.map((test) => keys.cite(typeof test === 'string' ? test : test[0])) };
    }
  }
  return undefined;
}

function holds(keys: KeyIndex, test: KeyTest): boolean {
  return typeof test === 'string' ? keys.has(test) : keys.side(test[0], test[1]) === test[2];
}
