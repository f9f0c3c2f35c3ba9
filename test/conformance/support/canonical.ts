import pickleparser from 'pickleparser';
import { analysePickle, type Value } from '#scanner/pickle/index.ts';
import { normalisePickle } from '#scanner/tensors/normalise-pickle.ts';

/** One spelling for what both readers make of a pickle: nested arrays of texts and numbers. */
export type Canonical = string | number | null | boolean | Canonical[];

const MAX_DEPTH = 40;
const number = (value: bigint | number | null): Canonical => ['number', String(Number(value))];
const text = (value: string): Canonical => ['text', value.slice(0, 4096)];
const bytes = (value: Uint8Array): Canonical => ['bytes', Buffer.from(value).toString('hex')];
/** Of a key that is written twice the last value counts, at the place of the first. */
const pairs = (items: readonly Canonical[]): Canonical => {
  const map = new Map<string, Canonical[]>();
  for (let at = 0; at + 1 < items.length; at += 2)
    map.set(JSON.stringify(items[at]), [items[at] ?? null, items[at + 1] ?? null]);
  return ['dict', ...map.values()];
};
const members = (items: readonly Canonical[]): Canonical => [
  'set',
  ...[...new Set(items.map((item) => JSON.stringify(item)))].sort(),
];

/** The object of the first pickle as the opcode machine describes it. */
export function byMachine(pickle: Uint8Array): Canonical {
  let result: Value | undefined;
  analysePickle(pickle, {
    count: 1,
    ignoreRest: true,
    onStep: ({ opcode, stack }) => {
      if (opcode === 'STOP') result = stack.at(-1);
    },
  });
  return result === undefined ? null : ofValue(result, 0);
}

function ofValue(value: Value, depth: number): Canonical {
  if (depth > MAX_DEPTH) return '…';
  const all = (values: readonly Value[]) => values.map((item) => ofValue(item, depth + 1));
  switch (value.kind) {
    case 'none':
      return null;
    case 'bool':
      return value.value;
    case 'int':
    case 'float':
      return number(value.value);
    case 'str':
      return text(value.text);
    case 'bytes':
    case 'bytearray':
      return bytes(value.bytes);
    case 'list':
    case 'tuple':
      return ['row', ...all(value.items)];
    case 'set':
    case 'frozenset':
      return members(all(value.items));
    case 'dict':
      return pairs(all(value.items));
    case 'global':
      return ['global', value.name];
    case 'call':
      return ['call', ofValue(value.callee, depth + 1), all(value.args), all(value.added ?? [])];
    case 'persistent':
      return ['persistent', ofValue(value.id, depth + 1)];
    case 'opaque':
      return ['opaque', value.what];
  }
}

/** What a name stands for: something that only notes what it is called with. */
class Made {
  readonly callee: Named;
  readonly args: readonly unknown[];
  readonly added: unknown[] = [];
  constructor(callee: Named, args: readonly unknown[]) {
    this.callee = callee;
    this.args = args;
  }
  __setstate__(): void {}
  set(key: unknown, value: unknown): void {
    this.added.push(key, value);
  }
  push(...values: unknown[]): void {
    this.added.push(...values);
  }
  add(value: unknown): void {
    this.added.push(value);
  }
}
type Named = ((...args: unknown[]) => Made) & { full: string };

class Persistent {
  readonly id: unknown;
  constructor(id: unknown) {
    this.id = id;
  }
}

/** The same as pickleparser rebuilds it. Throws where it cannot read the pickle. */
export function byParser(pickle: Uint8Array): Canonical {
  const parser = new pickleparser.Parser({
    unpicklingTypeOfDictionary: 'Map',
    unpicklingTypeOfSet: 'Set',
    nameResolver: {
      resolve(module, name) {
        const made = function named(...args: unknown[]) {
          return new Made(made, args);
        } as unknown as Named;
        made.full = `${String(module)}.${String(name)}`;
        return made;
      },
    },
    persistentResolver: { resolve: (id) => new Persistent(id) },
  });
  return ofObject(parser.parse<unknown>(normalisePickle(pickle)), 0);
}

function ofObject(value: unknown, depth: number): Canonical {
  if (depth > MAX_DEPTH) return '…';
  const all = (values: Iterable<unknown>) => [...values].map((item) => ofObject(item, depth + 1));
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return number(value);
  if (typeof value === 'string') return text(value);
  if (value instanceof Uint8Array) return bytes(value);
  if (Array.isArray(value)) return ['row', ...all(value)];
  if (value instanceof Set) return members(all(value));
  if (value instanceof Map) return pairs(all([...value].flat(1)));
  if (value instanceof Persistent) return ['persistent', ofObject(value.id, depth + 1)];
  if (value instanceof Made) return ['call', ['global', value.callee.full], all(value.args), all(value.added)];
  return ['global', (value as Named).full];
}
