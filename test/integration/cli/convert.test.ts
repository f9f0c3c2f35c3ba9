import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runsCommand, writeCheckpoint, writeEmbedding } from '../../../lib/demo/index.ts';
import { type FileSource, openFileSource } from '../../../scanner/index.ts';
import { DTYPE_BYTES, readTensorTable, rowMajorStride, type Tensor } from '../../../scanner/tensors/index.ts';
import { runCli } from '../../support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse convert '));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  writeCheckpoint(at('zip 模型.ckpt'), 'sd1', { seed: 3 });
  writeCheckpoint(at('legacy.ckpt'), 'sd2', { seed: 4, legacy: true });
  writeCheckpoint(at('poisoned.ckpt'), 'sd1', { seed: 5, extras: [runsCommand()] });
  writeEmbedding(at('style.pt'), 'sd1', 'style', 6);
  mkdirSync(at('folder'));
});

/** The bytes of a tensor, which the writers of the tests lay out row by row. */
function bytesOf(source: FileSource, { shape, dtype, storage }: Tensor): Buffer {
  const size = DTYPE_BYTES[dtype];
  const count = shape.reduce((product, length) => product * length, 1);
  expect(storage.stride).toEqual(rowMajorStride(shape));
  return Buffer.from(source.read(storage.start + storage.offset * size, count * size));
}

it.each([
  ['zip 模型.ckpt', 1143, []],
  ['legacy.ckpt', 1240, []],
  ['poisoned.ckpt', 1143, ['--disarm']],
])('converts %s tensor by tensor', async (input, count, options) => {
  const output = at(`${input} made.safetensors`);
  expect((await runCli(['convert', at(input), output, ...options])).code).toBe(0);
  using source = openFileSource(at(input));
  using written = openFileSource(output);
  const made = new Map(readTensorTable(written).tensors.map((tensor) => [tensor.name, tensor]));
  const { tensors } = readTensorTable(source);
  expect([tensors.length, made.size]).toEqual([count, count]);
  for (const tensor of tensors) {
    const copy = made.get(tensor.name);
    expect(copy, tensor.name).toMatchObject({ dtype: tensor.dtype, shape: tensor.shape });
    if (copy === undefined) continue;
    const bytes = bytesOf(source, tensor);
    expect(bytes.length, tensor.name).toBeGreaterThan(0);
    expect(bytesOf(written, copy).equals(bytes), tensor.name).toBe(true);
  }
});

describe('what could not be put in place is said before anything is written', () => {
  it.each([
    ['folder', 'out.safetensors', /folder is not a file/],
    ['style.pt', 'folder', /is a folder\. Name the file/],
    ['style.pt', 'no such folder/out.safetensors', /There is no folder .*no such folder to write to/],
    ['style.pt', 'style.pt', /same file/],
  ])('%s to %s', async (input, output, words) => {
    const before = readdirSync(folder);
    const { code, stdout, stderr } = await runCli(['convert', at(input), at(output), '--force']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('a second name for the source', async () => {
    linkSync(at('style.pt'), at('twin.safetensors'));
    symlinkSync(at('style.pt'), at('alias.safetensors'));
    const before = readFileSync(at('style.pt'));
    for (const name of ['twin.safetensors', 'alias.safetensors']) {
      const { code, stderr } = await runCli(['convert', at('style.pt'), at(name), '--force']);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/same file/)]);
    }
    expect(readFileSync(at('style.pt')).equals(before)).toBe(true);
  });

  it('a link that leads nowhere', async () => {
    symlinkSync(at('nowhere'), at('dangling.safetensors'));
    const { code, stderr } = await runCli(['convert', at('style.pt'), at('dangling.safetensors')]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/exists\. Use --force/)]);
  });
});

it('leaves a file that stands there as it is, byte for byte, and its neighbours too', async () => {
  writeFileSync(at('mine.safetensors'), 'mine');
  writeFileSync(at('mine.safetensors.checking'), 'mine too');
  expect((await runCli(['convert', at('style.pt'), at('mine.safetensors')])).code).toBe(2);
  expect(readFileSync(at('mine.safetensors'), 'utf8')).toBe('mine');
  expect((await runCli(['convert', at('style.pt'), at('mine.safetensors'), '--force'])).code).toBe(0);
  expect(statSync(at('mine.safetensors')).size).toBeGreaterThan(1000);
  expect(readFileSync(at('mine.safetensors.checking'), 'utf8')).toBe('mine too');
});
