/** What the grammar of pickles is made of: numbers, words and the slots that hold now and then what does not belong there. */
import { call, global, int, short, text } from '../../fixtures/pickles.ts';
import type { Random } from '../random.ts';

/** Opcodes that leave one value on the stack, one character a byte. */
export type Code = string;

export interface Maker {
  random: Random;
  /** Share of the numbers and words that no library writes there, 0 to 1. */
  wildness: number;
  /** Share of the slots that hold a value of some other kind. */
  confusion: number;
  /** Storages that were mentioned: bytes by key, for the records of the file. */
  storages: Map<string, number>;
  depth: number;
  /** Any value at all. */
  anything(maker: Maker): Code;
  /** A dictionary of attributes, or what BUILD takes beside it. */
  state(maker: Maker): Code;
}

/** How much of a file is what no library writes. */
export const LEVELS = [0, 0.005, 0.01, 0.02, 0.05, 0.15];

export const DTYPES = [
  'float32',
  'float16',
  'bfloat16',
  'int64',
  'uint8',
  'bool',
  'qint8',
  'complex64',
  'float8_e4m3fn',
];
export const STORAGE_BYTES: Readonly<Record<string, number>> = {
  FloatStorage: 4,
  DoubleStorage: 8,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
  ComplexFloatStorage: 8,
  QInt8Storage: 1,
  QUInt8Storage: 1,
  QInt32Storage: 4,
  QUInt4x2Storage: 1,
  UntypedStorage: 1,
};
export const WILD_NUMBERS = [
  -1n,
  -2n,
  0n,
  1n,
  2n,
  3n,
  7n,
  255n,
  4096n,
  2n ** 20n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
].concat([
  2n ** 33n + 1n,
  2n ** 40n,
  2n ** 61n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 31n),
  -(2n ** 63n),
  2n ** 63n,
  2n ** 64n - 1n,
]);

/** A whole number in one of the spellings of pickles. */
export function number(value: bigint | number, random: Random): Code {
  const whole = BigInt(value);
  const spellings = [() => long(whole), () => `I${whole}\n`, () => `L${whole}L\n`];
  if (whole >= -(2n ** 31n) && whole < 2n ** 31n) {
    const usual = () => int(Number(whole));
    spellings.push(usual, usual, usual);
    if (whole >= 0n && whole < 256n) spellings.push(() => `K${String.fromCharCode(Number(whole))}`);
  }
  return random.pick(spellings)();
}

function long(value: bigint): Code {
  const bytes = Buffer.alloc(9);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value));
  bytes[8] = value < 0n ? 0xff : 0;
  return `\x8a\x09${bytes.toString('latin1')}`;
}

export function bytesCode(value: Uint8Array | string, random: Random): Code {
  const raw = typeof value === 'string' ? value : Buffer.from(value).toString('latin1');
  if (random.chance(0.5) && raw.length < 256) return `C${String.fromCharCode(raw.length)}${raw}`;
  if (random.chance(0.7)) return call('_codecs', 'encode', text(raw), text('latin1'));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(raw.length);
  return `${random.pick(['B', 'T'])}${size.toString('latin1')}${raw}`;
}

export const word = (value: string, random: Random) => (random.chance(0.6) ? text(value) : short(value));
export const flag = (random: Random) => random.pick(['\x88', '\x89']);

/** What may stand in a slot: what belongs there, and now and then something else. */
export function slot(maker: Maker, usual: () => Code): Code {
  return maker.random.chance(maker.confusion) && maker.depth < 6 ? maker.anything(maker) : usual();
}

export function count(maker: Maker, usual = maker.random.below(4)): Code {
  const { random, wildness } = maker;
  const value = random.chance(wildness * 2) ? random.pick(WILD_NUMBERS) : usual;
  return slot(maker, () => number(value, random));
}

export function deeper(maker: Maker): Maker {
  return { ...maker, depth: maker.depth + 1 };
}

export const CLASSES: readonly Code[] = [
  global('torch', 'Tensor'),
  global('torch', 'Size'),
  global('torch', 'device'),
  global('torch', 'strided'),
  global('torch', 'sparse_coo'),
  global('torch', 'sparse_csr'),
  global('torch', 'per_tensor_affine'),
  global('torch', 'per_channel_affine'),
  global('torch.nn.parameter', 'Parameter'),
  global('torch.storage', 'UntypedStorage'),
  global('torch.storage', 'TypedStorage'),
  global('torch._utils', '_rebuild_tensor_v2'),
  global('torch._utils', '_rebuild_tensor'),
  global('torch._utils', '_rebuild_parameter'),
  global('numpy', 'ndarray'),
  global('numpy', 'dtype'),
  global('numpy.core.multiarray', '_reconstruct'),
  global('numpy.core.multiarray', 'scalar'),
  ...['Object', 'Void', 'Str', 'Bytes', 'Float64', 'Int8', 'DateTime64', 'String'].map((name) =>
    global('numpy.dtypes', `${name}DType`),
  ),
  global('collections', 'OrderedDict'),
  ...['bytearray', 'bytes', 'int', 'float', 'list', 'dict', 'set', 'complex', 'range', 'object', 'tuple'].map((name) =>
    global('builtins', name),
  ),
];

export function noise(random: Random, length: number): Buffer {
  const fill = random.pick([0, 0xff, null, null]);
  return Buffer.from(Array.from({ length }, () => fill ?? random.below(256)));
}
