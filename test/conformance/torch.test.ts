import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { NumberCast } from '#scanner/convert/cast.ts';
import type { TargetDtype } from '#scanner/convert/index.ts';
import { convertToSafetensors, convertToTorchZip, verifyConversion, verifyTorchZip } from '#scanner/convert/index.ts';
import { openFileSource, scan } from '#scanner/index.ts';
import { DTYPE_BYTES, type Dtype, readTensorTable } from '#scanner/tensors/index.ts';
import {
  castWithTorch,
  loadWithTorch,
  NO_TORCH,
  saveTorchFiles,
  type TorchTensor,
  torchPython,
} from './support/torch.ts';

const DTYPES: Readonly<Record<string, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U8: 'uint8',
  BOOL: 'bool',
  C64: 'complex64',
  U16: 'uint16',
  U32: 'uint32',
  U64: 'uint64',
  F8_E4M3: 'float8_e4m3fn',
  F8_E5M2: 'float8_e5m2',
  F8_E4M3FNUZ: 'float8_e4m3fnuz',
  F8_E5M2FNUZ: 'float8_e5m2fnuz',
};

const folder = mkdtempSync(join(tmpdir(), 'weighhouse torch '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
if (torchPython === null) console.warn(NO_TORCH);

/** What a safetensors file that we wrote holds, in torch's words. */
function describeWritten(path: string): Record<string, TorchTensor> {
  using written = openFileSource(path);
  return Object.fromEntries(
    readTensorTable(written).tensors.map(({ name, dtype, shape, storage }) => {
      const count = shape.reduce((product, size) => product * size, 1);
      const sha256 = createHash('sha256')
        .update(written.read(storage.start, count * DTYPE_BYTES[dtype]))
        .digest('hex');
      return [name, { dtype: DTYPES[dtype] ?? dtype, shape: [...shape], sha256 }];
    }),
  );
}

describe.skipIf(torchPython === null)('files of PyTorch', () => {
  const files = torchPython === null ? [] : saveTorchFiles(folder);

  it('are of every layout and type', () => {
    expect(files.length).toBeGreaterThan(30);
  });

  it.each(files.map(({ file, tensors }) => [file, tensors] as const))('%s', async (file, tensors) => {
    using source = openFileSource(join(folder, file));
    const target = join(folder, `${file}.safetensors`);
    await convertToSafetensors(source, target);
    await verifyConversion(source, target);
    expect(describeWritten(target)).toEqual(tensors);
  });

  it('load with weights_only when we wrote them as torch files again', async () => {
    const again = files.filter(({ file }) => !file.includes('-legacy'));
    for (const { file } of again) {
      using source = openFileSource(join(folder, file));
      const target = join(folder, `again ${file}`);
      await convertToTorchZip(source, target);
      await verifyTorchZip(source, target);
      using written = openFileSource(target);
      expect(scan(written, { name: file }).verdict, file).toBe('clean');
    }
    const loaded = loadWithTorch(again.map(({ file }) => join(folder, `again ${file}`)));
    expect(loaded).toEqual(again.map(({ tensors }) => ({ wrapped: false, tensors })));
  });
});

describe.skipIf(torchPython === null)('casts are those of PyTorch, but for numbers too large', () => {
  const targets: readonly TargetDtype[] = ['F32', 'F16', 'BF16', 'F8_E4M3'];
  const sources: readonly Dtype[] = ['F16', 'BF16', 'F8_E5M2', 'F8_E4M3', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ', 'F32'];
  const pairs = sources.flatMap((from) => targets.filter((to) => to !== from).map((to) => [from, to] as const));

  /** All bit patterns; of float32 those around every upper half that a narrower type could keep. */
  function patterns(dtype: Dtype): Uint8Array {
    if (DTYPE_BYTES[dtype] === 1) return Uint8Array.from({ length: 256 }, (_, i) => i);
    if (DTYPE_BYTES[dtype] === 2) return new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer);
    const lower = [0, 1, 0x0fff, 0x1000, 0x1001, 0x7fff, 0x8000, 0x8001, 0xffff];
    const bits = Array.from({ length: 65536 * lower.length }, (_, i) => {
      return (((i % 65536) << 16) | (lower[Math.floor(i / 65536)] ?? 0)) >>> 0;
    });
    return new Uint8Array(Uint32Array.from(bits).buffer);
  }

  const theirs =
    torchPython === null
      ? []
      : castWithTorch(
          pairs.map(([from, to]) => ({ from: DTYPES[from] ?? '', to: DTYPES[to] ?? '', bytes: patterns(from) })),
        );

  it.each(pairs)('%s to %s', (from, to) => {
    const input = patterns(from);
    const cast = new NumberCast(from, to);
    const ours = cast.convert(input);
    const torch = theirs[pairs.findIndex(([one, other]) => one === from && other === to)] ?? Buffer.alloc(0);
    expect(torch.length).toBe(ours.length);
    const width = DTYPE_BYTES[to];
    const infinity = { F32: 0x7f800000, F16: 0x7c00, BF16: 0x7f80, F8_E4M3: 0x7f }[to];
    const read = (bytes: Buffer, at: number) => bytes.readUIntLE(at * width, width);
    let saturated = 0;
    const different: string[] = [];
    for (let i = 0; i < ours.length / width; i += 1) {
      const [mine, other] = [read(ours, i), read(torch, i)];
      if (mine === other) continue;
      const signBit = 2 ** (8 * width - 1);
      const [size, otherSize] = [mine % signBit, other % signBit];
      if (size > infinity && otherSize > infinity) continue; // Both are NaN, of which there are many.
      if (size === infinity - 1 && otherSize >= infinity) saturated += 1;
      else different.push(`${i}: ${mine.toString(16)}, torch ${other.toString(16)}`);
    }
    expect(different.slice(0, 5)).toEqual([]);
    // Some releases of torch keep E4M3 in its range as we do, some make NaN of what is too large.
    if (to !== 'F8_E4M3') expect(saturated).toBe(cast.saturated);
  });
});
