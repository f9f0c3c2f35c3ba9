/** Values of pickles by grammar: what torch, NumPy and joblib write, with sizes, states and places that they never write. */
import { call, dict, global, text, tuple } from '../../fixtures/pickles.ts';
import type { Random } from '../random.ts';
import {
  bytesCode,
  CLASSES,
  type Code,
  count,
  DTYPES,
  deeper,
  flag,
  LEVELS,
  type Maker,
  noise,
  number,
  STORAGE_BYTES,
  WILD_NUMBERS,
  word,
} from './maker.ts';
import { ARRAYS } from './numpy-values.ts';
import { TENSORS } from './torch-values.ts';

const CONFUSIONS = [0, 0, 0.003, 0.01, 0.03];

/** Another grammar for another file: some write what libraries do, some little of it. */
export function newMaker(random: Random): Maker {
  return {
    random,
    wildness: random.pick(LEVELS),
    confusion: random.pick(CONFUSIONS),
    storages: new Map(),
    depth: 0,
    anything,
    state,
  };
}

function anything(maker: Maker): Code {
  const inner = deeper(maker);
  if (inner.depth > 5) return leaf(inner);
  const { random } = inner;
  const make = random.pick(random.chance(0.5) ? TENSORS : random.chance(0.5) ? ARRAYS : PLAIN);
  const made = make(inner);
  return random.chance(maker.confusion) ? build(inner, made) : made;
}

function leaf({ random }: Maker): Code {
  return random.pick([
    () => 'N',
    () => flag(random),
    () => number(random.pick(WILD_NUMBERS), random),
    () => word(random.pick(['', 'a', 'cpu', 'meta', '0', 'storage', 'f4', '__dict__', 'sum', 'items']), random),
    () => `G${String.fromCharCode(...Array.from({ length: 8 }, () => random.below(256)))}`,
    () => bytesCode(noise(random, random.below(20)), random),
    () => ')',
    () => ']',
    () => '}',
    () => global('torch', random.pick(DTYPES)),
    () => global('torch', random.pick(Object.keys(STORAGE_BYTES))),
    () => random.pick(CLASSES),
  ])();
}

/** A dictionary of attributes, or what BUILD takes beside it. */
function state(maker: Maker): Code {
  const { random } = maker;
  const names = [
    'a',
    'items',
    'sum',
    'data',
    '__class__',
    '__dict__',
    'shape',
    'keys',
    'requires_grad',
    '_backward_hooks',
  ];
  const made = dict(
    ...Array.from({ length: 1 + random.below(2) }, (): [string, string] => [
      word(random.pick(names), random),
      anything(maker),
    ]),
  );
  return random.chance(0.6) ? made : tuple(random.pick(['N', made]), made);
}

function build(maker: Maker, target: Code): Code {
  return `${target}${maker.random.chance(0.5) ? maker.state(maker) : anything(maker)}b`;
}

const PLAIN: readonly ((maker: Maker) => Code)[] = [
  leaf,
  leaf,
  (maker) => `](${few(maker).join('')}e`,
  (maker) => tuple(...few(maker)),
  (maker) => dict(...few(maker).map((value, index): [string, string] => [text(`k${index}`), value])),
  (maker) =>
    call(
      'collections',
      'OrderedDict',
      ...(maker.random.chance(0.5)
        ? [
            `](${few(maker)
              .map((value) => tuple(text('k'), value))
              .join('')}e`,
          ]
        : []),
    ),
  (maker) => `${call('collections', 'OrderedDict')}${maker.state(maker)}b`,
  (maker) => call('collections', 'defaultdict', maker.random.pick(CLASSES)),
  (maker) => call('collections', 'deque', `](${few(maker).join('')}e`, count(maker)),
  (maker) => call('builtins', maker.random.pick(['set', 'frozenset', 'list', 'tuple']), `](${few(maker).join('')}e`),
  (maker) =>
    call(
      'builtins',
      maker.random.pick(['bytearray', 'bytes', 'int', 'float', 'range', 'slice', 'str', 'bool', 'complex']),
      count(maker),
    ),
  (maker) => call('builtins', 'range', count(maker), count(maker)),
  (maker) => call('builtins', 'int', word('9'.repeat(maker.random.pick([3, 4000, 5000, 40000])), maker.random)),
  (maker) =>
    call(
      '_codecs',
      'encode',
      word('abc\xff', maker.random),
      word(maker.random.pick(['latin1', 'utf8', 'ascii', 'idna', 'hex', 'rot13']), maker.random),
    ),
  (maker) => `${maker.random.pick(CLASSES)}${tuple(...few(maker))}${maker.random.pick(['R', '\x81'])}`,
  // One value twice, by the memo.
  (maker) => `${anything(maker)}q\x30h\x30\x86`,
  (maker) => `${anything(maker)}2\x86`,
];

function few(maker: Maker): Code[] {
  return Array.from({ length: maker.random.below(3) }, () => anything(maker));
}

/** The object of a model file: a dictionary of tensors and of what else there is. */
export function model(maker: Maker, mostly: 'torch' | 'numpy'): Code {
  const { random } = maker;
  const makers = mostly === 'torch' ? TENSORS : ARRAYS;
  const values = Array.from({ length: 1 + random.below(3) }, () =>
    random.chance(0.8) ? random.pick(makers)(maker) : anything(maker),
  );
  if (values.length === 1 && random.chance(0.5)) return values[0] ?? 'N';
  return dict(...values.map((value, index): [string, string] => [word(`layer.${index}`, random), value]));
}
