import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSafetensorsFile } from '#lib/demo/index.ts';
import {
  convertToGguf,
  convertToSafetensors,
  VerificationError,
  verifyConversion,
  verifyGguf,
} from '#scanner/convert/index.ts';
import { scan } from '#scanner/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { readTensorTable } from '#scanner/tensors/index.ts';
import { type GgufFixture, makeGguf } from '../../fixtures/gguf.ts';

let folder = '';
let target = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gguf-'));
  target = join(folder, 'out.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(fixture: GgufFixture) {
  const path = join(folder, 'in.gguf');
  writeFileSync(path, makeGguf(fixture));
  return openFileSource(path);
}

/** More blocks than are copied at a time, whose bytes do not go into a piece evenly. */
const BLOCKS = 130_000;
const DATA = Buffer.alloc(BLOCKS * 18);
for (let block = 0; block < BLOCKS; block += 1) {
  // A scale between 0.5 and 2, and nibbles that differ.
  DATA.writeUInt16LE(0x3800 + (block % 0x0800), block * 18);
  for (let i = 0; i < 16; i += 1) DATA[block * 18 + 2 + i] = (block * 7 + i * 31) & 0xff;
}
const MODEL: GgufFixture = {
  entries: [
    ['general.architecture', 'text', 'flux'],
    ['general.file_type', 'u32', 2],
  ],
  tensors: [
    { name: 'a', type: 2, shape: [BLOCKS / 10, 320], data: DATA },
    { name: 'b', type: 0, shape: [4], data: new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer) },
  ],
};

it.each([
  [0, 2, 'file 1 of 2'],
  [2, 3, 'file 3 of 3'],
])('one of several GGUF files is not taken for a model', async (no, count, words) => {
  const entries = [...(MODEL.entries ?? []), ['split.no', 'u32', no], ['split.count', 'u32', count]] as const;
  using source = write({ ...MODEL, entries });
  const refused = { code: 'part-of-model', message: expect.stringContaining(words) };
  await expect(convertToSafetensors(source, target)).rejects.toMatchObject(refused);
  await expect(convertToSafetensors(source, target, { skipUnsupported: true })).rejects.toMatchObject(refused);
  await expect(convertToGguf(source, join(folder, 'out.gguf'))).rejects.toMatchObject(refused);
  expect(readdirSync(folder)).toEqual(['in.gguf']);
});

it('the only file of a GGUF model may say so', async () => {
  using source = write({
    ...MODEL,
    entries: [...(MODEL.entries ?? []), ['split.no', 'u32', 0], ['split.count', 'u32', 1]],
  });
  expect((await convertToSafetensors(source, target)).tensors).toBe(2);
});

describe('a GGUF file as safetensors', () => {
  it.each([
    ['F32', 'F32'],
    ['BF16', 'BF16'],
    [undefined, 'F16'],
  ] as const)('unpacks blocks: %s', async (dtype, written) => {
    using source = write(MODEL);
    const report = await convertToSafetensors(source, target, { dtype });
    await verifyConversion(source, target, { dtype });
    expect(report).toMatchObject({ tensors: 2, saturated: 0, staleMetadata: ['general.file_type'] });
    using result = openFileSource(target);
    const table = readTensorTable(result);
    expect(table.tensors.map(({ name, dtype: type, shape }) => [name, type, shape]).sort()).toEqual([
      ['a', written, [BLOCKS / 10, 320]],
      ['b', dtype ?? 'F32', [4]],
    ]);
    expect(table.metadata.get('general.architecture')).toBe('flux');
    const start = table.tensors.find(({ name }) => name === 'a')?.storage.start ?? 0;
    const first = result.read(start, 4);
    const view = new DataView(first.buffer, first.byteOffset);
    // The first nibble is 0: eight steps of 0.5 below zero.
    const number = written === 'F32' ? view.getFloat32(0, true) : written === 'F16' ? view.getFloat16(0, true) : -4;
    expect(number).toBe(-4);
  });

  it('is not what its blocks say where one number differs', async () => {
    using source = write(MODEL);
    await convertToSafetensors(source, target);
    const bytes = readFileSync(target);
    bytes[bytes.length - 1_000_000] = (bytes[bytes.length - 1_000_000] ?? 0) ^ 1;
    writeFileSync(target, bytes);
    await expect(verifyConversion(source, target)).rejects.toThrow(VerificationError);
  });

  it('names what cannot be unpacked', async () => {
    using source = write({ tensors: [{ name: 'odd', type: 16, shape: [256], data: new Uint8Array(66) }] });
    await expect(convertToSafetensors(source, target)).rejects.toThrow(/"odd".*IQ2_XXS/);
    using big = write({ ...MODEL, bigEndian: true });
    await expect(convertToSafetensors(big, target)).rejects.toThrow(/"a".*big-endian/);
  });
});

describe('a model as GGUF', () => {
  const tensors = [
    { name: 'a.weight', dtype: 'F16', shape: [70_000, 64] },
    { name: 'b.weight', dtype: 'BF16', shape: [100, 30] },
    { name: 'c.weight', dtype: 'F32', shape: [2, 3, 4, 5, 64] },
    { name: 'a.bias', dtype: 'F16', shape: [64] },
    { name: 'step', dtype: 'I64', shape: [1] },
  ] as const;
  const made = (more: Parameters<typeof writeSafetensorsFile>[1]['tensors'] = []) => {
    const path = join(folder, 'in.safetensors');
    writeSafetensorsFile(path, { tensors: [...tensors, ...more], metadata: { 'modelspec.title': 'A' } });
    return openFileSource(path);
  };

  it.each([
    ['Q8_0', ['F32', 'Q8_0', 'F16', 'F16', 'I64']],
    ['BF16', ['F32', 'BF16', 'BF16', 'BF16', 'I64']],
    [undefined, ['F16', 'F16', 'BF16', 'F32', 'I64']],
  ] as const)('%s', async (dtype, types) => {
    using source = made();
    const report = await convertToGguf(source, target, { dtype });
    await verifyGguf(source, target, { dtype });
    using written = openFileSource(target);
    expect(scan(written)).toMatchObject({ verdict: 'clean', container: 'gguf', tensors: 5, size: report.bytes });
    const table = readTensorTable(written);
    const listed = new Map(table.tensors.map((tensor) => [tensor.name, tensor]));
    expect(['a.bias', 'a.weight', 'b.weight', 'c.weight', 'step'].map((name) => listed.get(name)?.dtype)).toEqual(
      types,
    );
    expect(listed.get('c.weight')?.shape).toEqual([2, 3, 4, 5, 64]);
    expect(table.metadata.get('modelspec.title')).toBe('A');
  });

  it('is not what its blocks say where one number differs', async () => {
    using source = made();
    await convertToGguf(source, target, { dtype: 'Q8_0' });
    const start =
      readTensorTable(openFileSource(target)).tensors.find(({ dtype }) => dtype === 'Q8_0')?.storage.start ?? 0;
    for (const at of [start + 1, start + 34 * 1000 + 20]) {
      const bytes = readFileSync(target);
      bytes[at] = (bytes[at] ?? 0) ^ 4;
      writeFileSync(join(folder, 'other.gguf'), bytes);
      await expect(verifyGguf(source, join(folder, 'other.gguf'), { dtype: 'Q8_0' })).rejects.toThrow(
        VerificationError,
      );
    }
  });

  it('says which tensors have no place in it, and leaves them out where asked', async () => {
    using source = made([{ name: 'odd', dtype: 'U8', shape: [4] }]);
    await expect(convertToGguf(source, target)).rejects.toThrow(/"odd".*no data type U8/);
    const report = await convertToGguf(source, target, { skipUnsupported: true });
    await verifyGguf(source, target, { skipUnsupported: true });
    expect(report).toMatchObject({ tensors: 5, leftOut: [{ name: 'odd', reason: 'unsupported' }] });
  });
});
