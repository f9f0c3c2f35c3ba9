import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  runsCommand,
  type TensorSpec,
  writeSafetensorsFile,
  writeTorchLegacy,
  writeTorchZip,
} from '#lib/demo/index.ts';
import { readSafetensorsHeader, readZip } from '#scanner/containers/index.ts';
import { convertToSafetensors, verifyConversion } from '#scanner/convert/index.ts';
import { openFileSource, scan } from '#scanner/index.ts';
import { DTYPE_BYTES, readTensorTable, readTensorValues } from '#scanner/tensors/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse writers '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const TENSORS: readonly TensorSpec[] = [
  { name: 'random', dtype: 'F16', shape: [3, 5] },
  { name: 'scalar', dtype: 'F32', shape: [], data: [0.5] },
  { name: 'empty', dtype: 'F16', shape: [0] },
  { name: 'zeros', dtype: 'BF16', shape: [7], data: 'zeros' },
  { name: 'positions', dtype: 'I64', shape: [1, 77], data: 'range' },
  { name: 'ones', dtype: 'F64', shape: [2], data: 'ones' },
  { name: 'given', dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) },
];

const WRITERS = {
  zip: (path: string, seed: number) => writeTorchZip(path, { tensors: TENSORS, wrapper: 'state_dict', seed }),
  legacy: (path: string, seed: number) => writeTorchLegacy(path, { tensors: TENSORS, wrapper: 'state_dict', seed }),
  safetensors: (path: string, seed: number) => writeSafetensorsFile(path, { tensors: TENSORS, seed }),
};
const NAMES = Object.keys(WRITERS) as (keyof typeof WRITERS)[];

function readValues(path: string): Map<string, number[]> {
  using source = openFileSource(path);
  const { tensors } = readTensorTable(source);
  return new Map(tensors.map((tensor) => [tensor.name, [...(readTensorValues(source, tensor) ?? [])]]));
}

/** The bytes of a contiguous tensor. */
function readBytes(path: string, name: string): Buffer {
  using source = openFileSource(path);
  const tensor = readTensorTable(source).tensors.find((candidate) => candidate.name === name);
  if (tensor === undefined) throw new Error(`There is no tensor ${name}.`);
  const { dtype, shape, storage } = tensor;
  const elementBytes = DTYPE_BYTES[dtype];
  const count = shape.reduce((product, size) => product * size, 1);
  return Buffer.from(source.read(storage.start + storage.offset * elementBytes, count * elementBytes));
}

describe.each(NAMES)('a %s file', (kind) => {
  it('gives back the tensors it was given', () => {
    const path = at(`${kind}.bin`);
    WRITERS[kind](path, 1);
    const values = readValues(path);
    using source = openFileSource(path);

    expect(scan(source)).toMatchObject({ verdict: 'clean', findings: [], tensors: TENSORS.length });
    const shapes = readTensorTable(source).tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
    expect(shapes).toHaveLength(TENSORS.length);
    expect(shapes).toEqual(
      expect.arrayContaining(TENSORS.map(({ name, dtype, shape }) => ({ name, dtype, shape: [...shape] }))),
    );
    expect(values.get('scalar')).toEqual([0.5]);
    expect(values.get('zeros')).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(readBytes(path, 'positions').readBigInt64LE(76 * 8)).toBe(76n);
    expect(values.get('ones')).toEqual([1, 1]);
    expect([...readBytes(path, 'given')]).toEqual([1, 2, 3]);
    const random = values.get('random') ?? [];
    expect(random).toHaveLength(15);
    expect(new Set(random).size).toBeGreaterThan(10);
    expect(random.every((value) => Math.abs(value) < 0.1)).toBe(true);
  });

  it('is the same for the same seed and another for another', () => {
    WRITERS[kind](at('a'), 5);
    WRITERS[kind](at('b'), 5);
    WRITERS[kind](at('c'), 6);

    expect(readFileSync(at('a')).equals(readFileSync(at('b')))).toBe(kind !== 'zip');
    expect(readValues(at('a'))).toEqual(readValues(at('b')));
    expect(readValues(at('c')).get('random')).not.toEqual(readValues(at('a')).get('random'));
  });
});

it('the random numbers of a large tensor do not repeat from block to block', () => {
  writeSafetensorsFile(at('large'), { tensors: [{ name: 'x', dtype: 'F32', shape: [3 * 262_144] }] });
  using source = openFileSource(at('large'));
  const { dataStart } = readSafetensorsHeader(source);
  const block = (index: number) => Buffer.from(source.read(dataStart + index * 1024 * 1024, 1024 * 1024));
  const numbers = new Float32Array(new Uint8Array(block(1)).buffer);

  expect(block(0).equals(block(1))).toBe(false);
  expect(block(1).equals(block(2))).toBe(false);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const deviation = Math.sqrt(numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / numbers.length);
  expect(Math.abs(mean)).toBeLessThan(0.001);
  expect(deviation).toBeGreaterThan(0.02);
  expect(deviation).toBeLessThan(0.04);
});

describe('the zip layout', () => {
  writeTorchZip(at('model.ckpt'), { tensors: TENSORS });
  const bytes = readFileSync(at('model.ckpt'));
  using source = openFileSource(at('model.ckpt'));
  const { entries, problems } = readZip(source);

  it('has the members of PyTorch, stored, under the name of the file', () => {
    expect(problems).toEqual([]);
    expect(entries.map(({ name }) => name)).toEqual([
      'model/data.pkl',
      'model/byteorder',
      ...TENSORS.map((_, index) => `model/data/${index}`),
      'model/version',
      'model/.data/serialization_id',
    ]);
    expect(entries.every(({ method, compressedSize, size }) => method === 0 && compressedSize === size)).toBe(true);
    expect(bytes.subarray(entries.at(-1)?.dataOffset).toString('latin1', 0, 40)).toMatch(/^\d{40}$/);
  });

  it('starts the data of each at a multiple of 64 bytes, behind Zs', () => {
    expect(entries.map(({ dataOffset }) => dataOffset % 64)).toEqual(entries.map(() => 0));
    const [first] = entries;
    const gap = bytes.subarray(30 + 'model/data.pkl'.length, first?.dataOffset);
    expect(gap.toString('latin1')).toMatch(/^FB..Z+$/s);
    expect(gap.readUInt16LE(2)).toBe(gap.length - 4);
  });

  it('leaves checksum and sizes out of the local header and puts them behind the data', () => {
    const [first] = entries;
    expect(bytes.readUInt16LE(6)).toBe(0x0808);
    expect(bytes.subarray(14, 26).every((byte) => byte === 0)).toBe(true);
    const after = (first?.dataOffset ?? 0) + (first?.size ?? 0);
    expect(bytes.toString('latin1', after, after + 4)).toBe('PK\x07\x08');
    expect(bytes.readUInt32LE(after + 4)).toBe(first?.crc32);
    expect(bytes.readUInt32LE(after + 12)).toBe(first?.size);
  });

  it('always ends with the ZIP64 records', () => {
    const end = bytes.length - 22;
    expect(bytes.toString('latin1', end - 20, end - 16)).toBe('PK\x06\x07');
    expect(bytes.toString('latin1', end - 76, end - 72)).toBe('PK\x06\x06');
    expect(bytes.readBigUInt64LE(end - 20 + 8)).toBe(BigInt(end - 76));
    expect(bytes.readUInt16LE(end + 10)).toBe(entries.length);
  });
});

it('writes offsets beyond 4 GiB that are read back, without taking the room on disk', async () => {
  const big: TensorSpec = { name: 'a', dtype: 'U8', shape: [4_400_000_000], data: 'zeros' };
  const tensors: readonly TensorSpec[] = [big, { name: 'b', dtype: 'F32', shape: [2], data: [1, 2] }];
  writeTorchZip(at('wide.ckpt'), { tensors });
  using source = openFileSource(at('wide.ckpt'));
  const { entries, problems } = readZip(source);

  expect(problems).toEqual([]);
  expect(entries.find(({ name }) => name === 'wide/data/0')?.size).toBe(4_400_000_000);
  expect(entries.every(({ dataOffset }) => dataOffset % 64 === 0)).toBe(true);
  const second = readTensorTable(source).tensors[1];
  expect([...((second && readTensorValues(source, second)) ?? [])]).toEqual([1, 2]);
  expect(scan(source).verdict).toBe('clean');
  expect(statSync(at('wide.ckpt')).blocks * 512).toBeLessThan(1e7);
});

it('a poisoned file is dangerous and its tensors still convert', async () => {
  const path = at('poisoned.ckpt');
  writeTorchZip(path, { tensors: TENSORS, wrapper: 'state_dict', extras: [runsCommand()] });
  using source = openFileSource(path);

  expect(scan(source)).toMatchObject({
    verdict: 'dangerous',
    findings: [{ global: 'posix.system', call: "posix.system('echo harmless')" }],
  });
  await convertToSafetensors(source, at('poisoned.safetensors'));
  await expect(verifyConversion(source, at('poisoned.safetensors'))).resolves.toMatchObject({
    tensors: TENSORS.length,
  });
  expect(readFileSync(at('poisoned.safetensors')).includes('harmless')).toBe(false);
});

it('refuses data that does not fit the shape', () => {
  const wrong: TensorSpec = { name: 'x', dtype: 'F32', shape: [3], data: [1, 2] };
  expect(() => writeSafetensorsFile(at('wrong'), { tensors: [wrong] })).toThrow(/takes 12 bytes and was given 8/);
});
