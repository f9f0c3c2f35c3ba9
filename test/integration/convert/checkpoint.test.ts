import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readSafetensorsHeader } from '#scanner/containers/index.ts';
import { convertToSafetensors, VerificationError, verifyConversion } from '#scanner/convert/index.ts';
import { bytesSource, openFileSource } from '#scanner/source.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { makeZip } from '../../fixtures/zip.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse-convert-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const floats = Float32Array.from([1, 2, 3, 4, 5, 6]);
const shared = { storage: 'FloatStorage', key: '0', elements: 6 };
const path = join(folder, 'model.ckpt');
writeFileSync(
  path,
  makeZip([
    {
      name: 'archive/data.pkl',
      bytes: makeStateDict(
        [
          { ...shared, name: 'whole', shape: [2, 3], stride: [3, 1] },
          { ...shared, name: 'transposed', shape: [3, 2], stride: [1, 3] },
          { ...shared, name: 'expanded', shape: [2, 2], stride: [0, 1], offset: 4 },
          { ...shared, name: 'scalar', shape: [], stride: [], offset: 5 },
          { ...shared, name: 'v_pred', shape: [0], stride: [1] },
        ],
        'state_dict',
      ),
    },
    { name: 'archive/data/0', bytes: Buffer.from(floats.buffer) },
  ]),
);

it('writes every view out in row-major order, and the second reader agrees', async () => {
  const target = join(folder, 'model.safetensors');
  using source = openFileSource(path);
  await convertToSafetensors(source, target);

  const bytes = readFileSync(target);
  const { header, dataStart, metadata } = readSafetensorsHeader(bytesSource(bytes));
  const values = [...header].map(([name, { begin, end }]) => {
    const data = bytes.buffer.slice(bytes.byteOffset + dataStart + begin, bytes.byteOffset + dataStart + end);
    return [name, [...new Float32Array(data)]] as const;
  });
  expect(new Map(values)).toEqual(
    new Map([
      ['expanded', [5, 6, 5, 6]],
      ['scalar', [6]],
      ['transposed', [1, 4, 2, 5, 3, 6]],
      ['v_pred', []],
      ['whole', [1, 2, 3, 4, 5, 6]],
    ]),
  );
  expect(metadata.get('format')).toBe('pt');
  await expect(verifyConversion(source, target)).resolves.toMatchObject({ tensors: 5 });

  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  const damaged = join(folder, 'damaged.safetensors');
  writeFileSync(damaged, bytes);
  await expect(verifyConversion(source, damaged)).rejects.toThrow(VerificationError);
});

it('writes the same bytes for the same input, and leaves nothing else behind', async () => {
  using source = openFileSource(path);
  await convertToSafetensors(source, join(folder, 'one.safetensors'));
  await convertToSafetensors(source, join(folder, 'two.safetensors'));

  expect(readFileSync(join(folder, 'one.safetensors'))).toEqual(readFileSync(join(folder, 'two.safetensors')));
  expect(readdirSync(folder).filter((name) => !/\.(ckpt|safetensors)$/.test(name))).toEqual([]);
});
