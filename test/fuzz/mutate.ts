import { crc32 } from 'node:zlib';
import type { Random } from './random.ts';

export const MAX_INPUT = 64 * 1024;

/** What the formats are made of: a change that puts one in gets further than one that hits upon it. */
const WORDS: readonly Uint8Array[] = [
  ...[
    'PK\x03\x04',
    'PK\x01\x02',
    'PK\x05\x06',
    'PK\x06\x06',
    'PK\x06\x07',
    'PK\x07\x08',
    'ustar\x0000',
    'archive/data.pkl',
  ],
  ...['cos\nsystem\n', 'ctorch._utils\n_rebuild_tensor_v2\n', 'ccollections\nOrderedDict\n', 'cbuiltins\ngetattr\n'],
  ...[
    '\x80\x02',
    '\x80\x04\x95',
    '\x8c\x02os\x8c\x06system\x93',
    'X\x04\x00\x00\x00abcd',
    '\x85R.',
    ')R',
    '}(',
    'N.',
    '\x94',
    '00',
  ],
  ...[
    'storage',
    '\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.',
    '\x80\x02M\xe9\x03.',
    '\x93NUMPY\x01\x00',
    "'descr': '|O'",
    '\x1f\x8b\x08',
  ],
  ...['7z\xbc\xaf\x27\x1c', 'BZh9', '\xfd7zXZ\x00', '\x04"M\x18', '\x28\xb5\x2f\xfd', 'GGUF', '\x89HDF\r\n\x1a\n'],
  ...[
    '{"a":',
    '"dtype":"F32"',
    '"shape":[4]',
    '"data_offsets":[0,16]',
    '"__metadata__":{}',
    '[',
    ']',
    '{',
    '}',
    ',',
    '\\u0000',
  ],
].map((word) => Buffer.from(word, 'latin1'));

const NUMBERS = [0, 1, 2, 4, 8, 12, 14, 22, 95, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0xffffffff];

/** One input made of others by one to eight small changes. */
export function mutate(input: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = Buffer.from(input);
  for (let changes = 1 + random.below(random.pick([1, 2, 8])); changes > 0; changes -= 1) {
    bytes = Buffer.from(random.pick(CHANGES)(bytes, random, others));
  }
  if (random.chance(0.3)) repair(bytes);
  return Uint8Array.from(bytes.subarray(0, MAX_INPUT));
}

type Change = (bytes: Buffer, random: Random, others: readonly Uint8Array[]) => Uint8Array;

const CHANGES: readonly Change[] = [
  (bytes, random) => overwrite(bytes, random, Uint8Array.of(random.below(256))),
  (bytes, random) => {
    const at = random.below(bytes.length);
    return bytes.length === 0 ? bytes : bytes.with(at, (bytes[at] ?? 0) ^ (1 << random.below(8)));
  },
  (bytes, random) => overwrite(bytes, random, number(random)),
  (bytes, random) => insert(bytes, random, random.pick(WORDS)),
  (bytes, random) => overwrite(bytes, random, random.pick(WORDS)),
  (bytes, random) => insert(bytes, random, slice(bytes, random)),
  (bytes, random) => insert(bytes, random, new Uint8Array(random.below(40)).fill(random.below(256))),
  (bytes, random) => {
    const start = random.below(bytes.length);
    return Buffer.concat([
      bytes.subarray(0, start),
      bytes.subarray(start + 1 + random.below(random.pick([2, 30, 300]))),
    ]);
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random, others) => insert(bytes, random, slice(Buffer.from(random.pick(others)), random)),
  (bytes, random, others) =>
    Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      random.pick(others).subarray(random.below(bytes.length + 1)),
    ]),
  (bytes, random, others) => Buffer.concat([bytes, random.pick(others)]),
];

function number(random: Random): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(random.pick(NUMBERS));
  if (random.chance(0.2)) bytes.writeUInt32LE(random.pick(NUMBERS), 4);
  return bytes.subarray(0, random.pick([1, 2, 4, 8]));
}

function slice(bytes: Buffer, random: Random): Uint8Array {
  const start = random.below(bytes.length);
  return bytes.subarray(start, start + 1 + random.below(random.pick([4, 64, 1024])));
}

function insert(bytes: Buffer, random: Random, more: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

function overwrite(bytes: Buffer, random: Random, more: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.set(more.subarray(0, bytes.length), random.below(Math.max(1, bytes.length - more.length + 1)));
  return copy;
}

/** Puts right what no change hits upon: check sums of tar headers and zip members, and the length of a safetensors header. */
function repair(bytes: Buffer): void {
  repairTar(bytes);
  repairZip(bytes);
  const end = bytes[8] === 0x7b ? bytes.indexOf('}}', 8, 'latin1') : -1;
  if (end > 0) bytes.writeBigUInt64LE(BigInt(end + 2 - 8), 0);
}

function repairTar(bytes: Buffer): void {
  for (let at = 0; at + 512 <= bytes.length && bytes.toString('latin1', at + 257, at + 262) === 'ustar'; ) {
    bytes.write('        ', at + 148, 'latin1');
    const sum = bytes.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8);
    at += 512 + Math.ceil((Number.isFinite(size) ? size : 0) / 512) * 512;
  }
}

/** Members without compression only: a change of the others is seldom one of what they unpack to. */
function repairZip(bytes: Buffer): void {
  const each = (mark: string, headerBytes: number, visit: (at: number) => void) => {
    for (let at = bytes.indexOf(mark, 0, 'latin1'); at >= 0; at = bytes.indexOf(mark, at + 4, 'latin1'))
      if (at + headerBytes <= bytes.length) visit(at);
  };
  each('PK\x03\x04', 30, (at) => {
    const start = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
    if (bytes.readUInt16LE(at + 8) === 0)
      bytes.writeUInt32LE(crc32(bytes.subarray(start, start + bytes.readUInt32LE(at + 18))), at + 14);
  });
  each('PK\x01\x02', 46, (at) => {
    const local = bytes.readUInt32LE(at + 42);
    if (bytes.readUInt16LE(at + 10) === 0 && local + 18 <= bytes.length)
      bytes.writeUInt32LE(bytes.readUInt32LE(local + 14), at + 16);
  });
}
