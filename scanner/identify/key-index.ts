import type { KnownBase } from '../bases/index.ts';

/** Where names that a pattern fits can be: behind one of these first parts, or in any text with this piece in it. */
interface NameScope {
  heads: readonly string[] | null;
  piece: string | null;
}

const scopes = new WeakMap<RegExp, NameScope>();

/** Reads `^down_blocks\.`, `^(?:adapter\.)?conv_in\.` and `motion_modules\.` off the front of a pattern. */
function nameScopeOf(pattern: RegExp): NameScope {
  let scope = scopes.get(pattern);
  if (scope === undefined) {
    const { source } = pattern;
    // Alternatives of the whole pattern may begin otherwise.
    const isOne = !source.replace(/\([^()]*\)/g, '').includes('|');
    const [, optional, head] = !isOne ? [] : (/^\^(?:\(\?:(\w+)\\\.\)\?)?(\w+)\\\./.exec(source) ?? []);
    const heads = [optional, head].filter((part) => part !== undefined);
    scope = {
      heads: heads.length > 0 ? heads : null,
      piece: !isOne ? null : (/^(\w{4,})\\\./.exec(source)?.[1] ?? null),
    };
    scopes.set(pattern, scope);
  }
  return scope;
}

/**
 * What the rows of the tables ask for, with the prefix in front of it: the same few thousand texts for every file, and
 * putting one together costs more than the look-up.
 */
const joinedNames = new Map<string, Map<string, string>>();
const MAX_JOINED_NAMES = 5000;

function join(prefix: string, name: string): string {
  if (prefix === '') return name;
  let names = joinedNames.get(prefix);
  if (names === undefined) {
    if (joinedNames.size >= MAX_JOINED_NAMES) return prefix + name;
    names = new Map();
    joinedNames.set(prefix, names);
  }
  let whole = names.get(name);
  if (whole === undefined) {
    whole = prefix + name;
    if (names.size < MAX_JOINED_NAMES) names.set(name, whole);
  }
  return whole;
}

/**
 * Names and shapes of a table, made quick to ask: most questions are about names that begin alike, so names stand in
 * groups by what is before their first dot. Every answer can be cited as evidence.
 */
export class KeyIndex {
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  /** What the names have lost at their front. */
  readonly #prefix: string;
  readonly #listNames: () => readonly string[];
  readonly #inner = new Map<string, KeyIndex>();
  /** Several rows ask the same. */
  readonly #found = new Map<RegExp, string | undefined>();
  #names: readonly string[] | undefined;
  #text: string | undefined;
  readonly #under = new Map<string, readonly string[]>();
  #groups: ReadonlyMap<string, readonly string[]> | undefined;

  private constructor(
    shapes: ReadonlyMap<string, readonly number[]>,
    prefix: string,
    listNames: () => readonly string[],
  ) {
    this.#shapes = shapes;
    this.#prefix = prefix;
    this.#listNames = listNames;
  }

  static of(table: { tensors: readonly { name: string; shape: readonly number[] }[] }): KeyIndex {
    const shapes = new Map<string, readonly number[]>();
    for (const { name, shape } of table.tensors) shapes.set(name, shape);
    return new KeyIndex(shapes, '', () => [...shapes.keys()]);
  }

  get names(): readonly string[] {
    this.#names ??= this.#listNames();
    return this.#names;
  }

  has(name: string): boolean {
    return this.#shapes.has(join(this.#prefix, name));
  }

  shape(name: string): readonly number[] | undefined {
    return this.#shapes.get(join(this.#prefix, name));
  }

  /** One side of a tensor, counted from the end where negative. Undefined where there is no such tensor or side. */
  side(name: string, axis: number): number | undefined {
    return this.shape(name)?.at(axis);
  }

  /** The first name that matches. */
  find(pattern: RegExp): string | undefined {
    if (this.#found.has(pattern)) return this.#found.get(pattern);
    const name = this.#findIn(nameScopeOf(pattern), (other) => pattern.test(other));
    this.#found.set(pattern, name);
    return name;
  }

  /** The first name that is this one, or ends with it behind a dot. */
  findEnding(end: string): string | undefined {
    if (this.has(end)) return end;
    return this.#mentions(end) ? this.names.find((name) => name.endsWith(`.${end}`)) : undefined;
  }

  #findIn({ heads, piece }: NameScope, fits: (name: string) => boolean): string | undefined {
    if (heads === null) return piece !== null && !this.#mentions(piece) ? undefined : this.names.find(fits);
    for (const head of heads) {
      const name = this.#groupOf(head).find(fits);
      if (name !== undefined) return name;
    }
    return undefined;
  }

  /** Whether any name has this text in it. */
  #mentions(piece: string): boolean {
    this.#text ??= this.names.join('\n');
    return this.#text.includes(piece);
  }

  /** Names under a prefix that ends with a dot. */
  count(prefix: string): number {
    return this.#namesUnder(prefix).length;
  }

  /** The tensors under a prefix that ends with a dot, which their names lose. */
  under(prefix: string): KeyIndex {
    if (prefix === '') return this;
    const known = this.#inner.get(prefix);
    if (known !== undefined) return known;
    const inner = new KeyIndex(this.#shapes, this.#prefix + prefix, () =>
      this.#namesUnder(prefix).map((name) => name.slice(prefix.length)),
    );
    this.#inner.set(prefix, inner);
    return inner;
  }

  #namesUnder(prefix: string): readonly string[] {
    const head = prefix.slice(0, prefix.indexOf('.'));
    const group = this.#groupOf(head);
    if (prefix.length === head.length + 1) return group;
    const names = this.#under.get(prefix) ?? group.filter((name) => name.startsWith(prefix));
    this.#under.set(prefix, names);
    return names;
  }

  /** Names with a first part, and another behind it. */
  #groupOf(head: string): readonly string[] {
    if (head.length > MAX_HEAD) return this.names.filter((name) => name.startsWith(`${head}.`));
    this.#groups ??= groupByHead(this.names);
    return this.#groups.get(head) ?? [];
  }

  /** `name [640,768]`, as evidence quotes it. */
  describeTensor(name: string): string {
    return `${name} [${(this.shape(name) ?? []).join(',')}]`;
  }
}

/** First parts that are asked for are shorter. Those of adapters are the names of whole layers, each with a group of its own. */
const MAX_HEAD = 32;

function groupByHead(names: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  let last: { head: string; names: string[] } | null = null;
  for (const name of names) {
    const dot = name.indexOf('.');
    if (dot < 0 || dot > MAX_HEAD) continue;
    // Names of one part of a model mostly stand together, and looking at the one before is cheaper than cutting.
    if (last === null || last.head.length !== dot || !name.startsWith(last.head)) {
      const head = name.slice(0, dot);
      last = { head, names: groups.get(head) ?? [] };
      groups.set(head, last.names);
    }
    last.names.push(name);
  }
  return groups;
}

/**
 * A test of keys: the key is there, some key fits the pattern, or the side `axis` of its shape has that size. Kept as
 * data, so that a new model is a new row.
 */
export type KeyTest = string | RegExp | readonly [key: string, axis: number, size: number];

export interface KeyRow {
  base: KnownBase;
  variant?: string;
  all: readonly KeyTest[];
  none?: readonly string[];
}

/** The first row whose tests all hold, with the keys that did it. */
export function matchRow<Row extends KeyRow>(
  rows: readonly Row[],
  keys: KeyIndex,
): { row: Row; evidence: string[] } | undefined {
  for (const row of rows) {
    const found = findAll(keys, row.all);
    if (found !== undefined && !row.none?.some((name) => keys.has(name)))
      return { row, evidence: found.map((name) => keys.describeTensor(name)) };
  }
  return undefined;
}

function findAll(keys: KeyIndex, tests: readonly KeyTest[]): string[] | undefined {
  const found: string[] = [];
  for (const test of tests) {
    const name = findOne(keys, test);
    if (name === undefined) return undefined;
    found.push(name);
  }
  return found;
}

function findOne(keys: KeyIndex, test: KeyTest): string | undefined {
  if (typeof test === 'string') return keys.has(test) ? test : undefined;
  if (test instanceof RegExp) return keys.find(test);
  const [name, axis, size] = test;
  return keys.side(name, axis) === size ? name : undefined;
}
