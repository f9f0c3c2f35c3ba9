import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSafetensorsHeader } from '#scanner/containers/index.ts';
import { convertToSafetensors, verifyConversion } from '#scanner/convert/index.ts';
import { bytesSource, openFileSource } from '#scanner/source.ts';
import { makeTorchZip, pickle, type TensorRecord, tensor } from '../../fixtures/torch-file.ts';

/** Views too large for one block of the writer, which must be cut along the first dimension or a later one. */
it.each<[string, TensorRecord, (index: number) => number]>([
  [
    'columns turned into rows',
    { storageClass: 'IntStorage', elements: 10_000_000, shape: [2500, 4000], stride: [1, 2500] },
    (index) => (index % 4000) * 2500 + Math.floor(index / 4000),
  ],
  [
    'rows larger than a block, repeated',
    { storageClass: 'IntStorage', elements: 10_000_000, shape: [2, 5_000_000, 2], stride: [0, 2, 1] },
    (index) => index % 10_000_000,
  ],
])('converts and verifies %s', async (_what, record, elementAt) => {
  const folder = mkdtempSync(join(tmpdir(), 'large-'));
  try {
    const path = join(folder, 'in.ckpt');
    const target = join(folder, 'out.safetensors');
    const values = Int32Array.from({ length: record.elements }, (_, i) => i);
    const object = pickle.dict([[pickle.text('w'), tensor(record)]]);
    writeFileSync(path, makeTorchZip(object, { 0: new Uint8Array(values.buffer) }));
    using source = openFileSource(path);
    await convertToSafetensors(source, target);

    const bytes = readFileSync(target);
    const { dataStart } = readSafetensorsHeader(bytesSource(bytes));
    const count = (bytes.length - dataStart) / 4;
    let wrong = 0;
    for (let i = 0; i < count; i += 1) if (bytes.readInt32LE(dataStart + i * 4) !== elementAt(i)) wrong += 1;
    expect(wrong).toBe(0);
    expect(await verifyConversion(source, target)).toEqual({ tensors: 1, bytes: count * 4 });

    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(target, bytes);
    await expect(verifyConversion(source, target)).rejects.toMatchObject({ tensor: 'w' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
