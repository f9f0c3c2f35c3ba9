/** Files as the loaders know them, made by grammar. */
import { deflateSync, gzipSync } from 'node:zlib';
import { dict, EVIL2, global, int, join, latin1, text, tuple } from '../../fixtures/pickles.ts';
import { makeTorchTar, tarTensor } from '../../fixtures/torch-tar.ts';
import type { Random } from '../random.ts';
import { makeFaultyTar, makeFaultyZip } from './archives.ts';
import { type Code, LEVELS, noise, number } from './maker.ts';
import { dtype } from './numpy-values.ts';
import { model, newMaker } from './pickle-values.ts';

/** A pickle whole, in one of the protocols. */
function whole(code: Code, random: Random): string {
  return `${random.pick(['\x80\x02', '\x80\x02', '\x80\x03', '\x80\x04', '\x80\x05', ''])}${code}.`;
}

export interface Source {
  random: Random;
  /** Files of the corpus. */
  seeds: readonly Uint8Array[];
  /** Files that are clean, of the corpus and of the libraries. */
  clean: readonly Uint8Array[];
}

export type MakeFile = (source: Source) => Uint8Array;

export const MAX_FILE = 64 * 1024;

function torchMembers(random: Random) {
  const maker = newMaker(random);
  const code = whole(model(maker, random.chance(0.85) ? 'torch' : 'numpy'), random);
  const root = random.pick(['archive', 'archive', 'model', 'a/b']);
  const members = [{ name: `${root}/data.pkl`, bytes: latin1(code) }];
  if (random.chance(0.7)) members.push({ name: `${root}/version`, bytes: latin1(random.pick(['3\n', '2', 'x'])) });
  if (random.chance(0.3))
    members.push({ name: `${root}/byteorder`, bytes: latin1(random.pick(['little', 'big', '?'])) });
  // What newer versions write as well, and what makes it a program of TorchScript.
  if (random.chance(0.1)) {
    const others = [
      '.format_version',
      '.storage_alignment',
      '.data/serialization_id',
      'constants.pkl',
      'code/__torch__.py',
    ];
    members.push({ name: `${root}/${random.pick(others)}`, bytes: latin1(random.pick(['1', '64', '', '\x80\x02).'])) });
  }
  for (const [key, size] of maker.storages) {
    if (random.chance(maker.wildness)) continue;
    const length = random.chance(maker.wildness) ? random.below(2 * size + 9) : size;
    members.push({ name: `${root}/data/${key}`, bytes: indexed(random, length) });
  }
  return { members, maker };
}

/** Numbers that may serve as indices: small ones and large ones. */
function indexed(random: Random, length: number): Uint8Array {
  if (random.chance(0.4)) return noise(random, length);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 8 <= length; at += 8)
    bytes.writeBigInt64LE(random.pick([0n, 0n, 1n, 2n, 3n, -1n, 1000n, 2n ** 40n, 2n ** 62n]), at);
  return bytes;
}

export const torchZip: MakeFile = ({ random }) => {
  const { members, maker } = torchMembers(random);
  return makeFaultyZip(members, random, random.chance(0.6) ? 0 : maker.wildness / 4);
};

export const torchLegacy: MakeFile = ({ random }) => {
  const maker = newMaker(random);
  // Storages of the old layout have a sixth place, for views.
  const object = model(maker, 'torch').replaceAll('tQ', () => (random.chance(0.95) ? 'NtQ' : viewId(random)));
  const { storages, wildness } = maker;
  const wild = <T>(usual: T, others: readonly T[]) => (random.chance(wildness) ? random.pick(others) : usual);
  const keys = [...storages.keys()].map((key) => text(wild(key, ['x', '0', '1'])));
  const parts: (string | Uint8Array)[] = [
    `\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.`,
    whole(number(wild(1001, [1000, 1]), random), random),
    whole(dict([text('protocol_version'), int(1001)], [text('little_endian'), wild('\x88', ['\x89', 'N'])]), random),
    whole(object, random),
    whole(`](${keys.join('')}e`, random),
  ];
  for (const size of storages.values()) {
    const claimed = Buffer.alloc(8);
    claimed.writeBigInt64LE(BigInt(wild(Math.floor(size / random.pick([4, 4, 1, 8])), [0, 2 ** 40, -1, 2 ** 31])));
    parts.push(claimed, indexed(random, wild(size, [0, 1, size * 2])));
  }
  return join(...parts);
};

function viewId(random: Random): Code {
  const place = () => number(random.pick([0, 1, 2, 4, -1, 2 ** 31 - 1, 2 ** 40]), random);
  return `${tuple(text('9'), place(), place())}tQ`;
}

export const torchTar: MakeFile = ({ random }) => {
  const wildness = random.pick(LEVELS);
  const count = (usual: number) => (random.chance(wildness) ? random.pick([0, -1, 100, 2 ** 31 - 1, -5]) : usual);
  const bytes = indexed(random, 16);
  const archive = makeTorchTar({
    storages: {
      1: { bytes, elements: count(4), storageClass: random.pick(['FloatStorage', 'LongStorage', 'ByteStorage']) },
    },
    views: random.chance(0.5) ? [] : [[2, 1, count(0), count(2)]],
    tensors: {
      5: {
        storage: random.pick([1, 1, 1, 2]),
        offset: count(0),
        shape: [count(2), count(2)],
        stride: [count(2), count(1)],
      },
    },
    object: random.chance(0.7) ? tarTensor(5) : Buffer.from(model(newMaker(random), 'torch'), 'latin1'),
  });
  if (random.chance(0.5)) return archive;
  // Each member once more, as a reader of older or newer archives would write it.
  const members: { name: string; bytes: Uint8Array }[] = [];
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const header = Buffer.from(archive.subarray(at, at + 512));
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
    members.push({
      name: header.toString('latin1', 0, header.indexOf(0)),
      bytes: archive.subarray(at + 512, at + 512 + size),
    });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return makeFaultyTar(members, random, wildness / 2);
};

export const barePickle: MakeFile = ({ random }) => {
  const maker = newMaker(random);
  return latin1(whole(model(maker, random.chance(0.3) ? 'torch' : 'numpy'), random));
};

export const safetensors: MakeFile = ({ random }) => {
  const wildness = random.pick(LEVELS);
  const wild = <T>(usual: T, others: readonly T[]): T => (random.chance(wildness) ? random.pick(others) : usual);
  let at = 0;
  const entries = Array.from({ length: 1 + random.below(3) }, (_, index) => {
    const shape = Array.from({ length: random.below(3) }, () =>
      wild(1 + random.below(4), [0, -1, 2 ** 31, 2 ** 53, 1.5]),
    );
    const bytes = shape.reduce((product, size) => product * Math.max(0, Math.min(size, 99)), 4);
    const begin = wild(at, [0, at + 1, -1, 2 ** 53]);
    at += bytes;
    const dtypeName = wild('F32', ['F64', 'BOOL', 'F8_E4M3', 'F4', 'I64', 'X']);
    return [
      wild(`layer.${index}`, ['__metadata__', '', 'a', '__proto__']),
      { dtype: dtypeName, shape, data_offsets: [begin, wild(at, [0, at + 4, 2 ** 40])] },
    ];
  });
  const metadata = random.chance(0.4) ? [['__metadata__', { format: wild('pt', ['np', EVIL2]) }]] : [];
  let header = JSON.stringify(Object.fromEntries([...metadata, ...entries]));
  if (random.chance(wildness)) header = header.replace(/"/, "'");
  if (random.chance(wildness)) header = header.replace('{', `{${header.slice(1, -1)},`);
  if (random.chance(0.3)) header = header.padEnd(header.length + random.below(600));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(wild(Buffer.byteLength(header), [header.length - 1, header.length + 1, 0, 2 ** 40])));
  return join(length, Buffer.from(header), noise(random, wild(at, [at + 1, Math.max(0, at - 1), 0]) % MAX_FILE));
};

function npyBytes(random: Random): Uint8Array {
  const wildness = random.pick(LEVELS);
  const wild = <T>(usual: T, others: readonly T[]): T => (random.chance(wildness * 2) ? random.pick(others) : usual);
  const shape = Array.from({ length: random.below(3) }, () =>
    wild(String(1 + random.below(4)), ['0', '-1', '10000000000000', '4L', 'True', '2**9', '9223372036854775807']),
  );
  const [plain, size] = random.pick([
    ["'<f4'", 4],
    ["'<i8'", 8],
    ["'|u1'", 1],
    ["'<c16'", 16],
    ["'<U3'", 12],
    ["[('a', '<f4'), ('b', '<i4', (2,))]", 12],
    ["'|O'", 8],
  ] as const);
  const descr = wild<string>(plain, [
    "'|O'",
    "'O'",
    "[('a', '<f4'), ('b', '|O')]",
    "[('a', '<f4', (2, 2))]",
    "('<f4', (3,))",
    "{'names': ['a'], 'formats': ['O'], 'offsets': [0], 'itemsize': 8}",
    "{'names': ['a'], 'formats': ['<f8'], 'offsets': [1000000], 'itemsize': 8}",
    "'|V8'",
    "'<M8[D]'",
    "'f8,O'",
    "[('', '|V0')]",
    "'|S2147483647'",
    "'i4, (2)f8'",
  ]);
  const body = `{'descr': ${descr}, 'fortran_order': ${wild('False', ['True', '0', 'None'])}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const version = wild(1, [2, 3, 0, 9]);
  const head = `\x93NUMPY${String.fromCharCode(version)}\0`;
  const lengthBytes = version === 1 ? 2 : 4;
  const padded = `${body.padEnd(Math.ceil((body.length + 1 + head.length + lengthBytes) / 64) * 64 - head.length - lengthBytes - 1)}\n`;
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntLE(wild(padded.length, [padded.length - 1, 10, 65535]), 0, lengthBytes);
  const count = shape.reduce((product, side) => product * Math.min(99, Math.abs(Number(side)) || 0), 1);
  const isObject = /O/.test(descr);
  const content = isObject
    ? latin1(whole(model(newMaker(random), 'numpy'), random))
    : noise(random, wild(count * size, [0, 8, 100]));
  return join(head, length, padded, content);
}

export const npy: MakeFile = ({ random }) => npyBytes(random);

export const npz: MakeFile = ({ random }) => {
  const members = Array.from({ length: 1 + random.below(3) }, (_, index) => ({
    name: random.pick([`arr_${index}.npy`, `arr_${index}.npy`, 'a.npy', 'b', 'x.pkl']),
    bytes: random.chance(0.9) ? npyBytes(random) : latin1(whole(model(newMaker(random), 'numpy'), random)),
  }));
  return makeFaultyZip(members, random, random.chance(0.6) ? 0 : random.pick(LEVELS) / 3);
};

/** Array data in the middle of a pickle, as joblib writes it, and compressed as it does. */
export const joblib: MakeFile = ({ random }) => {
  const maker = newMaker(random);
  const wild = <T>(usual: T, others: readonly T[]): T =>
    random.chance(maker.wildness * 2) ? random.pick(others) : usual;
  const wrapper = () => {
    const isPadded = random.chance(0.7);
    const shape = Array.from({ length: 1 + random.below(2) }, () => 1 + random.below(3));
    const shapeCode = tuple(...shape.map((side) => number(wild(side, [0, 3, 2 ** 31, -1, 2 ** 40]), random)));
    const state = dict(
      [
        text('subclass'),
        wild(global('numpy', 'ndarray'), [global('numpy.ma.core', 'MaskedArray'), global('builtins', 'object'), 'N']),
      ],
      [text('shape'), shapeCode],
      [text('order'), text(wild('C', ['F', 'K', '']))],
      [text('dtype'), dtype(maker, random.chance(0.8))],
      [text('allow_mmap'), wild('\x88', ['\x89'])],
      ...(isPadded
        ? [[text('numpy_array_alignment_bytes'), int(wild(16, [1, 64, 0, -1, 255]))] as [string, string]]
        : []),
    );
    const pad = isPadded ? wild(random.pick(['\x04\xff\xff\xff\xff', '\0', '\x01\xff']), ['']) : '';
    return `${global('joblib.numpy_pickle', 'NumpyArrayWrapper')})\x81${state}b${pad}${noise(random, wild(8 * shape.reduce((product, side) => product * side, 1), [0, 8, 16, 64])).toString('latin1')}`;
  };
  const body = latin1(
    `\x80${random.pick(['\x03', '\x04', '\x05'])}${random.chance(0.5) ? wrapper() : dict([text('a'), wrapper()], [text('b'), model(maker, 'numpy')])}.`,
  );
  return random.chance(0.7) ? body : random.pick([deflateSync, gzipSync])(body);
};
