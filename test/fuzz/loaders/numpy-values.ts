/** Arrays, scalars and data types as NumPy writes them into a pickle. */
import { call, dict, global, int, text, tuple } from '../../fixtures/pickles.ts';
import type { Random } from '../random.ts';
import {
  bytesCode,
  CLASSES,
  type Code,
  count,
  deeper,
  flag,
  type Maker,
  noise,
  number,
  slot,
  WILD_NUMBERS,
  word,
} from './maker.ts';

const CODES = [
  'f8',
  'f8',
  'f4',
  'i8',
  'i4',
  'u1',
  'b1',
  'c8',
  'S3',
  'U2',
  'V8',
  'O8',
  'M8',
  'm8',
  '<f2',
  '>i2',
  '|u1',
  'O',
  '?',
  'a4',
];
/** Size, alignment and flags that NumPy writes into the state of those that have any. */
const SIZED: Readonly<Record<string, readonly [size: number, alignment: number, flags: number]>> = {
  S3: [3, 1, 0],
  U2: [8, 4, 8],
  V8: [8, 1, 0],
  a4: [4, 1, 0],
  O8: [-1, -1, 63],
  O: [-1, -1, 63],
};

function dtypeState(maker: Maker, code: string, names: readonly string[]): Code {
  const { random, wildness } = maker;
  const odd = (usual: () => Code, wild: () => Code) => (random.chance(wildness * 3) ? wild() : slot(maker, usual));
  const size = () => number(random.pick([...WILD_NUMBERS, 8n, 16n, 4n]), random);
  const isStructure = names.length > 0;
  const [bytes, alignment, flags] = isStructure ? [names.length * 8, 1, 0] : (SIZED[code] ?? [-1, -1, 0]);
  const fields = () => {
    const made = dict(
      ...names.map((name, index): [string, string] => [
        word(name, random),
        tuple(
          slot(maker, () => dtype(deeper(maker), true)),
          odd(() => number(index * 8, random), size),
          ...(random.chance(wildness) ? [word('title', random)] : []),
        ),
      ]),
    );
    const pair = () => tuple(word('a', random), tuple(dtype(deeper(maker)), int(0)));
    return random.chance(wildness) ? call('collections', 'OrderedDict', `](${pair()}e`) : made;
  };
  const isTime = /^[Mm]8$/.test(code);
  const version = isTime && random.chance(0.8) ? 4 : 3;
  const unit = () => tuple('}', tuple(bytesCode('D', random), int(1), int(1), int(1)));
  return tuple(
    odd(
      () => number(version, random),
      () => number(random.pick([1, 2, 3, 4, 5, 0, -1]), random),
    ),
    odd(
      () => word(isStructure || bytes > 0 || flags > 0 ? '|' : random.pick(['<', '|', '>', '=']), random),
      () => random.pick(['N', text(''), int(60)]),
    ),
    odd(
      () => 'N',
      () => tuple(dtype(deeper(maker)), tuple(size())),
    ),
    odd(
      () => (isStructure ? tuple(...names.map((name) => word(name, random))) : 'N'),
      () => tuple(word('a', random)),
    ),
    odd(() => (isStructure ? fields() : 'N'), fields),
    odd(() => number(bytes, random), size),
    odd(() => number(alignment, random), size),
    odd(
      () => number(flags, random),
      () =>
        random.pick([
          ...[63, 1, 16, 0, 27].map((value) => number(value, random)),
          ...['\x88', '\x89', call('builtins', 'int'), call('builtins', 'bool'), size()],
        ]),
    ),
    ...(version === 4 || random.chance(wildness) ? [slot(maker, unit)] : []),
  );
}

/** A `numpy.dtype` with its state. `isEight`: of eight bytes, as the fields of a structure here are. */
export function dtype(maker: Maker, isEight = false): Code {
  const { random, wildness } = maker;
  if (maker.depth > 5) return call('numpy', 'dtype', text('f8'), '\x89', '\x88');
  const names = random.chance(0.15) ? 'abc'.slice(0, 1 + random.below(3)).split('') : [];
  const code = isEight
    ? random.pick(['f8', 'i8', 'V8', 'U2', 'c8'])
    : names.length > 0
      ? `V${names.length * 8}`
      : random.pick(CODES);
  const known = isEight ? [] : names;
  const name = slot(maker, () =>
    random.chance(wildness * 3)
      ? random.pick(DTYPE_CLASSES)
      : word(random.chance(wildness * 3) ? random.pick(CODES) : code, random),
  );
  const made = random.chance(wildness)
    ? `${random.pick(DTYPE_CLASSES)})R`
    : call('numpy', 'dtype', name, flag(random), flag(random));
  return random.chance(0.95) ? `${made}${dtypeState(deeper(maker), code, known)}b` : made;
}

const DTYPE_CLASSES = CLASSES.filter((name) => name.includes('DType'));

const module = (random: Random) => random.pick(['numpy.core.multiarray', 'numpy._core.multiarray']);

export function array(maker: Maker): Code {
  const { random } = maker;
  const shape = Array.from({ length: random.below(3) }, () => 1 + random.below(3));
  const elements = shape.reduce((product, size) => product * size, 1);
  const made = call(
    module(random),
    '_reconstruct',
    slot(maker, () => global('numpy', 'ndarray')),
    slot(maker, () => tuple(int(0))),
    slot(maker, () => bytesCode('b', random)),
  );
  const content = () =>
    random.chance(0.85)
      ? bytesCode(noise(random, elements * random.pick([8, 8, 8, 8, 4, 1])), random)
      : `](${Array.from({ length: elements }, () => maker.anything(maker)).join('')}e`;
  const given = tuple(
    number(1, random),
    slot(maker, () => tuple(...shape.map((size) => count(maker, size)))),
    slot(maker, () => dtype(deeper(maker))),
    slot(maker, () => flag(random)),
    slot(maker, content),
  );
  return `${made}${slot(maker, () => given)}b`;
}

export const ARRAYS: readonly ((maker: Maker) => Code)[] = [
  array,
  array,
  dtype,
  (maker) =>
    call(
      module(maker.random),
      'scalar',
      slot(maker, () => dtype(deeper(maker))),
      slot(maker, () => bytesCode(noise(maker.random, maker.random.pick([8, 8, 4, 1, 16])), maker.random)),
    ),
  (maker) =>
    call(
      maker.random.pick(['numpy.core.numeric', 'numpy._core.numeric']),
      '_frombuffer',
      slot(maker, () => bytesCode(noise(maker.random, 16), maker.random)),
      slot(maker, () => dtype(deeper(maker))),
      slot(maker, () => tuple(count(maker, 2))),
      slot(maker, () => word(maker.random.pick(['C', 'F']), maker.random)),
    ),
  (maker) => {
    const { random } = maker;
    const made = call(
      'numpy.ma.core',
      '_mareconstruct',
      global('numpy.ma.core', 'MaskedArray'),
      global('numpy', 'ndarray'),
      tuple(int(0)),
      text('b'),
    );
    const content = [noise(random, 16), noise(random, 2)].map((bytes) => bytesCode(bytes, random));
    const given = [int(1), tuple(count(maker, 2)), dtype(deeper(maker)), flag(random), ...content, 'N'];
    return `${made}${tuple(...given.map((code) => slot(maker, () => code)))}b`;
  },
];
