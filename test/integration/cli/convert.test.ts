import { createHash } from 'node:crypto';
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
import { runsCommand, writeCheckpoint, writeEmbedding } from '#lib/demo/index.ts';
import { type FileSource, openFileSource } from '#scanner/index.ts';
import { DTYPE_BYTES, readTensorTable, rowMajorStride, type Tensor, type TensorTable } from '#scanner/tensors/index.ts';
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
    ['style.pt', 'folder', /is a folder\. Enter a file name/],
    ['style.pt', 'no such folder/out.safetensors', /Folder .*no such folder not found/],
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

describe('options', () => {
  const convert = async (input: string, name: string, ...options: string[]) => {
    const { code, stdout, stderr } = await runCli(['convert', at(input), at(name), '--format', 'json', ...options]);
    expect([code, stderr]).toEqual([0, '']);
    using written = openFileSource(at(name));
    return { report: JSON.parse(stdout) as Record<string, unknown>, table: readTensorTable(written) };
  };

  it('--dtype and --only change what they say, and the report tells the rest', async () => {
    const { report, table } = await convert('zip 模型.ckpt', 'vae.safetensors', '--dtype', 'bf16', '--only', 'vae');
    expect(table.tensors.some(({ name }) => name === 'encoder.conv_in.weight')).toBe(true);
    expect(new Set(table.tensors.map(({ dtype }) => dtype))).toEqual(new Set(['BF16']));
    expect(report).toMatchObject({ tensors: table.tensors.length, saturated: 0, verified: true });
    expect((report.leftOut as unknown[]).length + table.tensors.length).toBe(1143);
  });

  it('names the source and the version in the header, and finds both again in the report', async () => {
    const { report, table } = await convert('style.pt', 'stamped.safetensors');
    const sha256 = createHash('sha256')
      .update(readFileSync(at('style.pt')))
      .digest('hex');
    expect(table.metadata.get('weighhouse.source_sha256')).toBe(sha256);
    expect(report.sourceSha256).toBe(sha256);
    expect(table.metadata.get('format')).toBe('pt');
    expect(table.metadata.get('modelspec.architecture')).toBe('stable-diffusion-v1/textual-inversion');
    const written = createHash('sha256')
      .update(readFileSync(at('stamped.safetensors')))
      .digest('hex');
    expect(report.hashes).toMatchObject({ sha256: written });
    expect((await convert('style.pt', 'stamped again.safetensors')).report.hashes).toEqual(report.hashes);
  });

  it('writes a torch file where OUT ends in .ckpt, which scans clean and converts back to the same tensors', async () => {
    const { table } = await convert('zip 模型.ckpt', 'back.safetensors');
    const { report, table: torch } = await convert('back.safetensors', 'for older tools.ckpt');
    expect(torch.pickle?.wrapper).toBe('state_dict');
    const brief = ({ tensors }: TensorTable) => tensors.map(({ name, dtype, shape }) => [name, dtype, shape]).sort();
    expect(brief(torch)).toEqual(brief(table));
    expect(report.dropped).toContainEqual(expect.objectContaining({ name: 'weighhouse.version' }));
    expect((await runCli(['scan', at('for older tools.ckpt')])).code).toBe(0);
    await convert('for older tools.ckpt', 'and back.safetensors');
    const data = (name: string) => {
      const bytes = readFileSync(at(name));
      return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
    };
    expect(data('and back.safetensors').equals(data('back.safetensors'))).toBe(true);
  });

  it.each([
    [['--dtype', 'f12'], /one of keep, f32/],
    [['--drop-ema', '--use-ema'], /cannot be used with/],
    [['--only', 'loss'], /unet, vae, te/],
  ])('%j is wrong usage', async (options, words) => {
    const { code, stderr } = await runCli(['convert', at('style.pt'), at('no.safetensors'), ...options]);
    expect([code, stderr]).toEqual([64, expect.stringMatching(words)]);
  });
});
