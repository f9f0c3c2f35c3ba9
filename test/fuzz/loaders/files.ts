/** Files that some loader may take: of one format, changed, or of several formats at once. */
import { deflateSync, gzipSync } from 'node:zlib';
import { EVIL2, join, latin1 } from '../../fixtures/pickles.ts';
import { mutate } from '../mutate.ts';
import type { Random } from '../random.ts';
import { makeFaultyTar, makeFaultyZip, withTarSum, writeTarHeader } from './archives.ts';
import { mutatePickle, mutateZipMembers } from './change-pickles.ts';
import {
  barePickle,
  joblib,
  MAX_FILE,
  type MakeFile,
  npy,
  npz,
  type Source,
  safetensors,
  torchLegacy,
  torchTar,
  torchZip,
} from './formats.ts';
import { LEVELS } from './maker.ts';

const EVIL = latin1(EVIL2);

/** A file that some loader may take, from a grammar, from a changed file or from several put together. */
export function makeFile(source: Source): Uint8Array {
  const { random } = source;
  let file = random.pick(random.chance(0.65) ? GRAMMAR : CHANGED)(source);
  if (random.chance(0.04)) file = mutate(file, source.seeds, random);
  return file.length <= MAX_FILE ? file : file.subarray(0, MAX_FILE);
}

const looseArchive: MakeFile = (source) => {
  const { random } = source;
  const names = [
    'model.pkl',
    'a.npy',
    'weights.pt',
    'config.json',
    'note.txt',
    'archive/data.pkl',
    'x',
    'a.safetensors',
    'pickle',
    'BYTECODE.pkl',
  ];
  const members = Array.from({ length: 1 + random.below(3) }, () => ({
    name: random.pick(names),
    bytes: random.chance(0.1) ? EVIL : random.pick([barePickle, npy, safetensors, torchZip, joblib, torchTar])(source),
  }));
  const make = random.chance(0.5) ? makeFaultyZip : makeFaultyTar;
  return make(members, random, random.chance(0.6) ? 0 : random.pick(LEVELS) / 2);
};

const compressed: MakeFile = (source) =>
  source.random.pick([deflateSync, gzipSync])(
    source.random.pick([barePickle, torchZip, torchTar, joblib, npy])(source),
  );

/** One file whose first block is the header of a tar archive as well: its name stands where the other format begins. */
const tarOverlay: MakeFile = (source) => {
  const { random } = source;
  const isEvil = random.chance(0.6);
  const inner = isEvil
    ? makeFaultyTar(
        [
          { name: 'pickle', bytes: EVIL },
          { name: 'storages', bytes: latin1('\x80\x02K\0.\x80\x02].') },
          { name: 'tensors', bytes: latin1('\x80\x02K\0.') },
        ],
        random,
        0,
      )
    : torchTar(source);
  const kind = random.below(4);
  if (kind === 0) {
    const entry = `"a":{"dtype":"U8","shape":[${inner.length}],"data_offsets":[0,${inner.length}]}`;
    const head = Buffer.alloc(512, 0x20);
    head.writeBigUInt64LE(504n, 0);
    head.write('{"__metadata__":{"x":"'.padEnd(92, 'x'), 8, 'latin1');
    head.write(`"},${entry}}`, 157, 'latin1');
    return join(withTarFields(head, random, true), inner);
  }
  if (kind === 1) {
    const begin = random.pick(['\x80\x02}X\x01\0\0\0aB', '\x80\x04}\x8c\x01aB', '\x80\x03B', 'B', '\x80\x02X']);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(512 - begin.length - 4 + inner.length);
    const block = withTarFields(Buffer.concat([latin1(begin), size], 512), random, random.chance(0.5));
    return join(block, inner, begin.includes('}') ? 's.' : '.');
  }
  if (kind === 2) {
    const shape = `(${384 + inner.length},)`;
    const text = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
    const head = Buffer.concat([latin1(`\x93NUMPY\x01\0v\0${text}\n`)], 512);
    return join(withTarFields(head, random, true), inner);
  }
  const front = random.pick([safetensors, npy, barePickle, torchZip])(source);
  const block = withTarFields(Buffer.concat([front.subarray(0, 512)], 512), random, random.chance(0.5));
  return join(block, front.subarray(512), new Uint8Array((512 - (Math.max(512, front.length) % 512)) % 512), inner);
};

/**
 * The sum that a reader of old tar archives needs in a block of something else, and the fields before it: blank, which is
 * zero, or written. The member that the block stands for has no content.
 */
function withTarFields(block: Buffer, random: Random, isBlank: boolean): Buffer {
  const header = Buffer.from(block);
  if (!isBlank) {
    if (random.chance(0.3)) return writeTarHeader(block, block.toString('latin1', 0, 30), 0);
    header.write(random.pick(['0000644\0', '644 \0', '        ']), 100, 'latin1');
    header.write('0000000\0'.repeat(2), 108, 'latin1');
    header.write(random.pick(['00000000000\0', '          0 ']), 124, 'latin1');
    header.write('00000000000\0', 136, 'latin1');
  } else if (header[128] === 0) header.fill(0x20, 128, 148);
  header.write('0', 156, 'latin1');
  return withTarSum(header, isBlank ? ' ' : '\0');
}

/** Two files in one: behind, before, over or inside one another. */
const polyglot: MakeFile = (source) => {
  const { random } = source;
  const part = () => (random.chance(0.15) ? EVIL : random.pick(PARTS)(source));
  const [first, second] = [part(), part()];
  const at = random.below(first.length + 1);
  return random.pick([
    () => join(first, second),
    () => join(first.subarray(0, at), second, first.subarray(at)),
    () => join(first, new Uint8Array((512 - (first.length % 512)) % 512), second),
    () => {
      const over = Buffer.from(first);
      over.set(second.subarray(0, over.length - at), at);
      return over;
    },
    // A pickle that holds the other file as bytes.
    () => {
      const size = Buffer.alloc(4);
      size.writeUInt32LE(second.length);
      return join('\x80\x03B', size, second, '.');
    },
  ])();
};

const changedSeed: MakeFile = (source) => mutate(seedOf(source), source.seeds, source.random);
const changedPickle: MakeFile = (source) => mutatePickle(seedOf(source), source.clean, source.random);
const changedMembers: MakeFile = (source) => mutateZipMembers(seedOf(source), source.clean, source.random);
const seedOf = ({ random, seeds, clean }: Source) => random.pick(random.chance(0.85) ? clean : seeds);

const PARTS: readonly MakeFile[] = [torchZip, torchLegacy, torchTar, barePickle, safetensors, npy, npz, joblib];
const GRAMMAR: readonly MakeFile[] = [
  ...PARTS,
  torchZip,
  torchZip,
  torchLegacy,
  barePickle,
  looseArchive,
  compressed,
  tarOverlay,
  polyglot,
];
const CHANGED: readonly MakeFile[] = [changedSeed, changedPickle, changedPickle, changedMembers, changedMembers];
