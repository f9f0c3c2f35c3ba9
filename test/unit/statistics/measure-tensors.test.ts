import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileSource } from '#scanner/index.ts';
import { findBrokenNumbers, measureTensors, type TensorStatistics } from '#scanner/statistics/index.ts';
import { DTYPE_BYTES, type Dtype, readTensorTable } from '#scanner/tensors/index.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { makeZip } from '../../fixtures/zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse statistics '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The numbers of a type, one at a time: nothing of this is shared with what is tested. */
const READ: Record<string, (view: DataView, at: number) => number> = {
  F64: (view, at) => view.getFloat64(at, true),
  F32: (view, at) => view.getFloat32(at, true),
  F16: (view, at) => view.getFloat16(at, true),
  BF16: (view, at) => {
    const wide = new DataView(new ArrayBuffer(4));
    wide.setUint16(2, view.getUint16(at, true), true);
    return wide.getFloat32(0, true);
  },
  // E5M2 is the upper byte of a half.
  F8_E5M2: (view, at) => {
    const wide = new DataView(new ArrayBuffer(2));
    wide.setUint8(1, view.getUint8(at));
    return wide.getFloat16(0, true);
  },
  F8_E8M0: (view, at) => (view.getUint8(at) === 255 ? Number.NaN : 2 ** (view.getUint8(at) - 127)),
  I64: (view, at) => Number(view.getBigInt64(at, true)),
  U64: (view, at) => Number(view.getBigUint64(at, true)),
  I32: (view, at) => view.getInt32(at, true),
  U32: (view, at) => view.getUint32(at, true),
  I16: (view, at) => view.getInt16(at, true),
  U16: (view, at) => view.getUint16(at, true),
  I8: (view, at) => view.getInt8(at),
  U8: (view, at) => view.getUint8(at),
  BOOL: (view, at) => view.getUint8(at),
};

function plainStatistics(numbers: readonly number[]) {
  const finite = numbers.filter(Number.isFinite);
  const mean = finite.reduce((sum, value) => sum + value / finite.length, 0);
  const variance = finite.reduce((sum, value) => sum + (value - mean) ** 2 / finite.length, 0);
  return {
    count: numbers.length,
    nan: numbers.filter(Number.isNaN).length,
    infinite: numbers.filter((value) => Math.abs(value) === Number.POSITIVE_INFINITY).length,
    zeros: numbers.filter((value) => value === 0).length,
    min: finite.length === 0 ? null : finite.reduce((a, b) => Math.min(a, b)),
    max: finite.length === 0 ? null : finite.reduce((a, b) => Math.max(a, b)),
    mean: finite.length === 0 ? null : mean,
    std: finite.length === 0 ? null : Math.sqrt(variance),
  };
}

let files = 0;
async function measureBytes(bytes: Uint8Array, extension = 'safetensors'): Promise<TensorStatistics[]> {
  files += 1;
  const path = join(folder, `${files}.${extension}`);
  writeFileSync(path, bytes);
  using source = openFileSource(path);
  return await measureTensors(source, readTensorTable(source));
}

function makeSafetensors(tensors: readonly { name: string; dtype: Dtype; bytes: Uint8Array }[]): Buffer {
  let at = 0;
  const entries = tensors.map(({ name, dtype, bytes }) => {
    const begin = at;
    at += bytes.length;
    return [name, { dtype, shape: [bytes.length / DTYPE_BYTES[dtype]], data_offsets: [begin, at] }];
  });
  const json = JSON.stringify(Object.fromEntries(entries));
  const header = Buffer.from(json.padEnd(Math.ceil(json.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...tensors.map(({ bytes }) => bytes)]);
}

/** A torch file whose tensors are views of one storage of the numbers 1, 2, 3 and on. */
function makeViews(views: readonly { name: string; shape: number[]; stride: number[] }[]): Buffer {
  const numbers = Float32Array.from({ length: 1536 }, (_, index) => index + 1);
  const records = views.map((view) => ({ storage: 'FloatStorage', key: '0', elements: numbers.length, ...view }));
  return Buffer.from(
    makeZip([
      { name: 'archive/data.pkl', bytes: makeStateDict(records) },
      { name: 'archive/data/0', bytes: Buffer.from(numbers.buffer) },
    ]),
  );
}

/** Bytes that look like noise and are the same every time. */
function noise(length: number, seed: number): Buffer {
  let state = seed;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
}

function expectAlmost(found: TensorStatistics | undefined, expected: ReturnType<typeof plainStatistics>): void {
  expect(found).toMatchObject({
    count: expected.count,
    nan: expected.nan,
    infinite: expected.infinite,
    zeros: expected.zeros,
    min: expected.min,
    max: expected.max,
  });
  for (const field of ['mean', 'std'] as const) {
    const [one, other] = [found?.[field], expected[field]];
    if (other === null) expect(one).toBeNull();
    else
      expect(Math.abs((one ?? Number.NaN) - other)).toBeLessThanOrEqual(
        Math.max(1e-9 * Math.abs(expected.std ?? 1), 1e-300),
      );
  }
}

/** Few numbers are gone through one by one, many are counted by their bits. */
const COUNTS = [3000, 70_000];

describe.each(COUNTS)('the statistics of a tensor of %i numbers', (count) => {
  it.each(Object.keys(READ).filter((dtype) => dtype !== 'F64') as Dtype[])(
    'are those of plain sums for %s',
    async (dtype) => {
      const width = DTYPE_BYTES[dtype];
      const bytes = dtype === 'BOOL' ? noise(count, 5).map((byte) => byte & 1) : noise(count * width, 7);
      const [found] = await measureBytes(makeSafetensors([{ name: 'x', dtype, bytes }]));
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const numbers = Array.from({ length: count }, (_, index) =>
        (READ[dtype] as (typeof READ)['F32'])(view, index * width),
      );
      expectAlmost(found, plainStatistics(numbers));
    },
  );
});

describe('the statistics of a tensor', () => {
  it('are those of plain sums for F64, where small numbers stand beside large', async () => {
    const numbers = Array.from({ length: 5000 }, (_, index) => 1e9 + Math.sin(index));
    const bytes = Buffer.from(Float64Array.from([...numbers, Number.NaN, Number.NEGATIVE_INFINITY, 0]).buffer);
    const [found] = await measureBytes(makeSafetensors([{ name: 'x', dtype: 'F64', bytes }]));
    expectAlmost(found, plainStatistics([...numbers, Number.NaN, Number.NEGATIVE_INFINITY, 0]));
  });

  it('are right for E4M3, whose only NaN is all ones', async () => {
    const [found] = await measureBytes(
      makeSafetensors([
        { name: 'x', dtype: 'F8_E4M3', bytes: Uint8Array.of(0x7f, 0xff, 0x7e, 0xfe, 0x38, 0x01, 0x80) },
      ]),
    );
    expect(found).toMatchObject({ nan: 2, infinite: 0, zeros: 1, min: -448, max: 448 });
    expect(found?.mean).toBeCloseTo((1 + 2 ** -9) / 5, 12);
  });

  it('are the same in blocks as at once', async () => {
    const numbers = Float32Array.from({ length: 1_200_000 }, (_, index) => Math.sin(index) * (index % 97));
    const [found] = await measureBytes(
      makeSafetensors([{ name: 'x', dtype: 'F32', bytes: Buffer.from(numbers.buffer) }]),
    );
    expectAlmost(found, plainStatistics([...numbers]));
  });

  it('count what a view repeats, as often as it does', async () => {
    const storage = Float32Array.of(1, 2, 3, 4);
    const [found] = await measureBytes(
      makeZip([
        {
          name: 'archive/data.pkl',
          bytes: makeStateDict([
            { storage: 'FloatStorage', key: '0', elements: 4, name: 'view', shape: [5, 2], stride: [0, 2] },
          ]),
        },
        { name: 'archive/data/0', bytes: Buffer.from(storage.buffer) },
      ]),
      'pt',
    );
    expect(found).toMatchObject({ name: 'view', count: 10, min: 1, max: 3, mean: 2, std: 1 });
  });

  it('of a view that repeats one number without end are there at once', async () => {
    const size = 2 ** 20;
    const [found] = await measureBytes(makeViews([{ name: 'bomb', shape: [size, size, 2], stride: [0, 0, 1] }]), 'pt');
    expect(found).toMatchObject({ count: 2 ** 41, zeros: 0, min: 1, max: 2, mean: 1.5, std: 0.5, unmeasured: null });
  });

  it('stop where tensors lie over each other too often, and say so', async () => {
    const overlapping = { shape: [512, 1025], stride: [1, 1] };
    const found = await measureBytes(
      makeViews([
        { name: 'plain', shape: [1536], stride: [1] },
        { name: 'over', ...overlapping },
        { name: 'after', shape: [2], stride: [1] },
      ]),
      'pt',
    );
    expect(found).toMatchObject([
      { name: 'plain', count: 1536, max: 1536, unmeasured: null },
      { name: 'over', count: 512 * 1025, nan: 0, min: null, max: null, mean: null, std: null },
      { name: 'after', count: 2, mean: 1.5, unmeasured: null },
    ]);
    expect(found[1]?.unmeasured).toMatch(/^Not computed: more than 8 tensors share the same data\.$/);
  });

  it('of complex numbers are what can be counted, and the rest is refused by name', async () => {
    const parts = Float32Array.of(0, 0, 1, 0, Number.NaN, 0, 0, Number.POSITIVE_INFINITY, Number.NaN, -1 / 0);
    const [found] = await measureBytes(
      makeSafetensors([{ name: 'c', dtype: 'C64', bytes: Buffer.from(parts.buffer) }]),
    );
    expect(found).toEqual({
      ...{ name: 'c', dtype: 'C64', count: 5, nan: 2, infinite: 1, zeros: 1 },
      ...{ min: null, max: null, mean: null, std: null },
      unmeasured: expect.stringContaining('Complex numbers have no minimum'),
    });
    expect(findBrokenNumbers(found === undefined ? [] : [found])).toHaveLength(2);
  });

  it('say nothing of what is empty, complex, or not a number at all', async () => {
    const nan = Buffer.from(Float32Array.of(Number.NaN, Number.NaN).buffer);
    const found = await measureBytes(
      makeSafetensors([
        { name: 'empty', dtype: 'F16', bytes: new Uint8Array(0) },
        { name: 'nan', dtype: 'F32', bytes: nan },
        { name: 'complex', dtype: 'C64', bytes: new Uint8Array(16) },
      ]),
    );
    const none = { min: null, max: null, mean: null, std: null };
    expect(found).toMatchObject([
      { name: 'empty', count: 0, nan: 0, ...none },
      { name: 'nan', count: 2, nan: 2, ...none },
      { name: 'complex', count: 2, nan: 0, ...none },
    ]);
  });

  it('name NaN and infinite weights as what they do to pictures', async () => {
    const found = await measureBytes(
      makeSafetensors([
        { name: 'good', dtype: 'F32', bytes: Buffer.from(Float32Array.of(1, 2).buffer) },
        { name: 'bad', dtype: 'F16', bytes: Uint8Array.of(0x00, 0x7e, 0x00, 0x7c) },
        { name: 'worse', dtype: 'F32', bytes: Buffer.from(Float32Array.of(Number.NaN, 3).buffer) },
      ]),
    );
    expect(findBrokenNumbers(found)).toEqual([
      expect.stringMatching(/^2 weights are not a number \(NaN\), in bad and 1 more\./),
      expect.stringMatching(/^1 weight is infinite, in bad\. /),
    ]);
    expect(findBrokenNumbers(found.slice(0, 1))).toEqual([]);
  });

  it('reads the chosen tensors alone, and says how far it is', async () => {
    const path = join(folder, 'progress.safetensors');
    writeFileSync(
      path,
      makeSafetensors(['a.x', 'a.y', 'b'].map((name) => ({ name, dtype: 'U8', bytes: new Uint8Array(100) }))),
    );
    using source = openFileSource(path);
    const fractions: number[] = [];
    const found = await measureTensors(source, readTensorTable(source), {
      select: (name) => name.startsWith('a.'),
      onProgress: (fraction) => fractions.push(fraction),
    });
    expect(found.map(({ name }) => name)).toEqual(['a.x', 'a.y']);
    expect(fractions).toEqual([0, 0.5, 1, 1]);
  });
});
