import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSafetensorsHeader } from '#scanner/containers/index.ts';
import {
  ConversionError,
  convertToSafetensors,
  convertToTorchZip,
  VerificationError,
  verifyConversion,
  verifyTorchZip,
} from '#scanner/convert/index.ts';
import { bytesSource, openFileSource } from '#scanner/source.ts';
import {
  floats,
  makeTorchLegacy,
  makeTorchZip,
  pickle,
  rowMajor,
  type TensorRecord,
  tensor,
} from '../../fixtures/torch-file.ts';

let folder = '';
let target = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'convert-'));
  target = join(folder, 'out.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Records = Record<string, TensorRecord>;
const object = (records: Records, legacy = false) =>
  pickle.dict(Object.entries(records).map(([name, record]) => [pickle.text(name), tensor(record, legacy)] as const));

async function convert(bytes: Uint8Array, options = {}) {
  const path = join(folder, 'in.ckpt');
  writeFileSync(path, bytes);
  using source = openFileSource(path);
  const report = await convertToSafetensors(source, target, options);
  const verified = await verifyConversion(source, target);
  return { report, verified, written: readWritten() };
}

function readWritten() {
  const bytes = readFileSync(target);
  const { header, metadata, dataStart } = readSafetensorsHeader(bytesSource(bytes));
  const dataOf = (name: string) => {
    const entry = header.get(name);
    return entry === undefined ? undefined : bytes.subarray(dataStart + entry.begin, dataStart + entry.end);
  };
  const floatsOf = (name: string) => [...new Float32Array(new Uint8Array(dataOf(name) ?? []).buffer)];
  return { bytes, header, metadata, dataStart, dataOf, floatsOf };
}

describe('convertToSafetensors', () => {
  it('orders by dtype descending, then name, with an aligned header', async () => {
    const { written, report } = await convert(
      makeTorchZip(
        object({
          z: { elements: 2, shape: [2] },
          'a.half': { storageClass: 'HalfStorage', key: '1', elements: 1, shape: [1] },
          'b.long': { storageClass: 'LongStorage', key: '2', elements: 1, shape: [] },
          a: { elements: 2, shape: [1], offset: 1 },
          empty: { key: '3', elements: 0, shape: [0, 4] },
        }),
        { 0: floats([1, 2]), 1: Uint8Array.of(0, 0x3c), 2: new Uint8Array(8).fill(1), 3: new Uint8Array(0) },
      ),
    );
    expect([...written.header.keys()]).toEqual(['b.long', 'a', 'empty', 'z', 'a.half']);
    expect(written.dataStart % 8).toBe(0);
    expect([...written.metadata]).toEqual([['format', 'pt']]);
    expect(written.floatsOf('a')).toEqual([2]);
    expect(written.header.get('b.long')?.shape).toEqual([]);
    expect(written.header.get('empty')).toMatchObject({ shape: [0, 4] });
    expect(report).toMatchObject({ tensors: 5, bytes: written.bytes.length, shared: [['z', 'a']], ema: false });
  });

  it('writes the same bytes each time', async () => {
    const bytes = makeTorchZip(object({ w: { elements: 2, shape: [2] } }), { 0: floats([1, 2]) });
    const hash = async (metadata: Record<string, string>) =>
      createHash('sha256')
        .update((await convert(bytes, { metadata })).written.bytes)
        .digest('hex');
    expect(await hash({ b: '1', a: '2' })).toBe(await hash({ a: '2', b: '1' }));
  });

  it('materialises transposed, expanded and sliced views', async () => {
    const { written } = await convert(
      makeTorchZip(
        object({
          transposed: { elements: 6, shape: [3, 2], stride: [1, 3] },
          expanded: { elements: 6, shape: [2, 3], stride: [0, 1], offset: 3 },
          sliced: { elements: 6, shape: [2, 2], stride: [3, 2] },
          overlapping: { elements: 6, shape: [3, 3], stride: [1, 1] },
        }),
        { 0: floats([0, 1, 2, 3, 4, 5]) },
      ),
    );
    expect(written.floatsOf('transposed')).toEqual([0, 3, 1, 4, 2, 5]);
    expect(written.floatsOf('expanded')).toEqual([3, 4, 5, 3, 4, 5]);
    expect(written.floatsOf('sliced')).toEqual([0, 2, 3, 5]);
    expect(written.floatsOf('overlapping')).toEqual([0, 1, 2, 1, 2, 3, 2, 3, 4]);
  });

  it('keeps the bits of a not-a-number in views of doubles', async () => {
    const values = new BigUint64Array([0x7ff8000000001234n, 1n, 0xfff0000000000001n, 3n]);
    const { written } = await convert(
      makeTorchZip(object({ w: { storageClass: 'DoubleStorage', elements: 4, shape: [2, 2], stride: [1, 2] } }), {
        0: new Uint8Array(values.buffer),
      }),
    );
    const swapped = new BigUint64Array([values[0] ?? 0n, values[2] ?? 0n, values[1] ?? 0n, values[3] ?? 0n]);
    expect(written.dataOf('w')?.equals(new Uint8Array(swapped.buffer))).toBe(true);
  });

  it('turns big-endian numbers round, contiguous or not', async () => {
    const big = Buffer.from(floats([1, 2, 3, 4])).swap32();
    const { written } = await convert(
      makeTorchZip(
        object({ w: { elements: 4, shape: [4] }, t: { elements: 4, shape: [2, 2], stride: [1, 2] } }),
        { 0: big },
        { byteorder: 'big' },
      ),
    );
    expect(written.floatsOf('w')).toEqual([1, 2, 3, 4]);
    expect(written.floatsOf('t')).toEqual([1, 3, 2, 4]);
  });

  it('converts the legacy layout', async () => {
    const { written } = await convert(
      makeTorchLegacy(object({ w: { elements: 2, shape: [2] } }, true), { 0: { elements: 2, bytes: floats([5, 6]) } }),
    );
    expect(written.floatsOf('w')).toEqual([5, 6]);
  });

  it('leaves a payload behind and takes the tensors', async () => {
    const payload = pickle.reduce(pickle.global('posix', 'system'), [pickle.text('echo harmless')]);
    const { written, report } = await convert(
      makeTorchZip(
        pickle.dict([
          [pickle.text('payload'), payload],
          [pickle.text('w'), tensor({ elements: 1, shape: [1] })],
        ]),
        { 0: floats([9]) },
      ),
    );
    expect(written.floatsOf('w')).toEqual([9]);
    expect(report.dropped).toEqual([{ name: 'payload', summary: 'posix.system object' }]);
    expect(written.bytes.includes('harmless')).toBe(false);
  });

  it('copies tensors larger than one chunk and reports progress to 1', async () => {
    const bytes = Buffer.alloc(20 * 1024 * 1024 + 4);
    for (let i = 0; i < bytes.length; i += 4) bytes.writeInt32LE(i, i);
    const fractions: number[] = [];
    const { written } = await convert(
      makeTorchZip(
        object({ w: { storageClass: 'IntStorage', elements: bytes.length / 4, shape: [bytes.length / 4] } }),
        {
          0: bytes,
        },
      ),
      { onProgress: (fraction: number) => fractions.push(fraction) },
    );
    expect(written.dataOf('w')?.equals(bytes)).toBe(true);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  it('writes what a view repeats, where that is not much', async () => {
    const records: Records = { w: { elements: 1, shape: [300, 300], stride: [0, 0] } };
    const { written } = await convert(makeTorchZip(object(records), { 0: floats([7]) }));
    expect(new Set(written.floatsOf('w'))).toEqual(new Set([7]));
    expect(written.header.get('w')?.shape).toEqual([300, 300]);
  });

  it('keeps numbers of 4 and 6 bits, and gives those of 4 to PyTorch and back', async () => {
    const header = Buffer.from(
      JSON.stringify({
        a: { dtype: 'F4', shape: [2, 8], data_offsets: [0, 8] },
        b: { dtype: 'F6_E3M2', shape: [4], data_offsets: [8, 11] },
        c: { dtype: 'F8_E8M0', shape: [5], data_offsets: [11, 16] },
      }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(header.length));
    const data = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');
    const { written, report } = await convert(Buffer.concat([length, header, data]), { dtype: 'F16' });
    expect(report.tensors).toBe(3);
    expect([...written.header].map(([name, { dtype }]) => [name, dtype]).sort()).toEqual([
      ['a', 'F4'],
      ['b', 'F6_E3M2'],
      ['c', 'F8_E8M0'],
    ]);
    expect(written.dataOf('a')?.toString('hex')).toBe('0123456789abcdef');
    expect(written.dataOf('b')?.toString('hex')).toBe('012345');

    using source = openFileSource(join(folder, 'in.ckpt'));
    const torch = join(folder, 'out.pt');
    await expect(convertToTorchZip(source, torch)).rejects.toThrow(/"b".*F6_E3M2/);
    const four = Buffer.from(JSON.stringify({ a: { dtype: 'F4', shape: [2, 8], data_offsets: [0, 8] } }));
    length.writeBigUInt64LE(BigInt(four.length));
    writeFileSync(join(folder, 'four.safetensors'), Buffer.concat([length, four, data.subarray(0, 8)]));
    using half = openFileSource(join(folder, 'four.safetensors'));
    await convertToTorchZip(half, torch);
    await verifyTorchZip(half, torch);
    const again = await convert(readFileSync(torch));
    expect(again.written.header.get('a')).toMatchObject({ dtype: 'F4', shape: [2, 8] });
    expect(again.written.dataOf('a')?.toString('hex')).toBe('0123456789abcdef');
  });

  it.each<[string, Records, string]>([
    ['no tensors', {}, 'no-tensors'],
    ['a tensor that lies', { w: { elements: 9, shape: [9] } }, 'tensor-refused'],
    ['an expand bomb', { w: { elements: 1, shape: [1_000_000, 1_000_000], stride: [0, 0] } }, 'output-too-large'],
  ])('refuses %s and leaves nothing behind', async (_what, records, code) => {
    const conversion = convert(makeTorchZip(object(records), { 0: floats([1]) }));
    await expect(conversion).rejects.toBeInstanceOf(ConversionError);
    await expect(conversion).rejects.toMatchObject({ code });
    expect(readdirSync(folder)).toEqual(['in.ckpt']);
  });

  it('leaves no part behind when it cannot finish', async () => {
    const records: Records = { w: { elements: 4, shape: [4] } };
    mkdirSync(join(target, 'occupied'), { recursive: true });
    await expect(convert(makeTorchZip(object(records), { 0: floats([1, 2, 3, 4]) }))).rejects.toThrow();
    expect(existsSync(`${target}.part`)).toBe(false);
  });

  it('gives what a plain walk over the indices gives, whatever the view', async () => {
    const numbers = Array.from({ length: 4096 }, (_, i) => i);
    const view = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 40 })), { maxLength: 4 })
      .chain((axes) => fc.tuple(fc.constant(axes), fc.integer({ min: 0, max: 200 })));
    await fc.assert(
      fc.asyncProperty(view, async ([axes, offset]) => {
        const shape = axes.map(([size]) => size);
        const stride = axes.map(([, step]) => step);
        const { written } = await convert(
          makeTorchZip(object({ w: { elements: 4096, shape, stride, offset } }), { 0: floats(numbers) }),
        );
        const count = shape.reduce((product, size) => product * size, 1);
        const steps = rowMajor(shape);
        const expected = Array.from({ length: count }, (_, i) =>
          shape.reduce(
            (sum, size, axis) => sum + (Math.floor(i / (steps[axis] ?? 1)) % size) * (stride[axis] ?? 0),
            offset,
          ),
        );
        expect(written.floatsOf('w')).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe('verifyConversion', () => {
  const records: Records = {
    a: { elements: 4, shape: [4] },
    b: { elements: 4, shape: [2, 2], stride: [1, 2] },
  };

  async function verifyAfter(change: (bytes: Buffer) => void): Promise<unknown> {
    const path = join(folder, 'in.ckpt');
    writeFileSync(path, makeTorchZip(object(records), { 0: floats([1, 2, 3, 4]) }));
    using source = openFileSource(path);
    await convertToSafetensors(source, target);
    const bytes = readFileSync(target);
    change(bytes);
    writeFileSync(target, bytes);
    return await verifyConversion(source, target);
  }

  it('counts what it compared', async () => {
    expect(await verifyAfter(() => {})).toEqual({ tensors: 2, bytes: 32 });
  });

  it.each([
    ['contiguous', 'a', -32],
    ['strided', 'b', -1],
  ])('names the %s tensor in which one byte differs', async (_what, name, at) => {
    const verification = verifyAfter((bytes) => {
      bytes[bytes.length + at] = (bytes[bytes.length + at] ?? 0) ^ 1;
    });
    await expect(verification).rejects.toBeInstanceOf(VerificationError);
    await expect(verification).rejects.toMatchObject({ tensor: name });
  });

  it.each([
    ['another type', '"F32"', '"I32"', 'a'],
    ['another shape', '"shape":[2,2]', '"shape":[4,1]', 'b'],
    ['another name', '"a":', '"c":', 'a'],
  ])('names the tensor that has %s', async (_what, from, to, name) => {
    const verification = verifyAfter((bytes) => {
      bytes.write(to, bytes.indexOf(from));
    });
    await expect(verification).rejects.toMatchObject({ name: 'VerificationError', tensor: name });
  });

  it('notices a file cut short', async () => {
    const path = join(folder, 'in.ckpt');
    writeFileSync(path, makeTorchZip(object(records), { 0: floats([1, 2, 3, 4]) }));
    using source = openFileSource(path);
    const { bytes } = await convertToSafetensors(source, target);
    truncateSync(target, bytes - 1);
    await expect(verifyConversion(source, target)).rejects.toBeInstanceOf(VerificationError);
    truncateSync(target, 5);
    await expect(verifyConversion(source, target)).rejects.toBeInstanceOf(VerificationError);
  });
});
