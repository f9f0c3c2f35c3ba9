import { createHash } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MergeOptions, mergeModels } from '#scanner/merge/index.ts';
import { numbers, writeNumbers } from '../../fixtures/merge-files.ts';

let folder = '';
let target = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merge-read-back-'));
  target = join(folder, 'out.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FIRST = 'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_k.weight';
const SECOND = 'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight';
const model = (name: string, seed: number) => {
  const path = join(folder, `${name}.safetensors`);
  const same = { empty: { shape: [0, 4], values: [] }, ids: { shape: [2], values: [3, 4], dtype: 'I64' as const } };
  writeNumbers(path, { [FIRST]: numbers([8, 4], seed), [SECOND]: numbers([8, 4], seed + 1), ...same });
  return { path, name, sha256: Buffer.from(name.padEnd(32)).toString('hex') };
};
const merge = async (options: Partial<MergeOptions> = {}) =>
  await mergeModels({ kind: 'weighted-sum', a: model('a', 1), b: model('b', 5), weight: 0.5 }, target, {
    name: 'out',
    ...options,
  });
const others = () => readdirSync(folder).filter((name) => !/^[ab]\.safetensors$/.test(name));

/** Merges, and changes the file on the disk when all of it is written and before it is read back. */
async function mergeOverFault(damage: (part: string, size: number) => void): Promise<unknown> {
  const { bytes } = await merge();
  rmSync(target);
  let isDamaged = false;
  const onProgress = () => {
    const part = `${target}.part`;
    if (isDamaged || statSync(part).size < bytes) return;
    isDamaged = true;
    damage(part, bytes);
  };
  const merging = merge({ onProgress });
  await merging.catch(() => undefined);
  expect(isDamaged).toBe(true);
  return await merging;
}

function flip(path: string, at: number): void {
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 1;
  writeSync(file, byte, 0, 1, at);
  closeSync(file);
}

describe('what a merge wrote', () => {
  it('is read back, and its SHA-256 is that of the file', async () => {
    const { sha256, bytes } = await merge();
    const file = readFileSync(target);
    expect(sha256).toBe(createHash('sha256').update(file).digest('hex'));
    expect(bytes).toBe(file.length);
  });

  it.each([
    ['the last byte of the last tensor', SECOND, -1],
    ['the first byte of the last tensor', SECOND, -8 * 4 * 4],
    ['the byte before it', FIRST, -8 * 4 * 4 - 1],
    ['the first byte of all tensors', 'ids', -2 * 8 * 4 * 4 - 16],
  ])('is thrown away when the disk has another byte: %s', async (_, tensor, at) => {
    const failure = mergeOverFault((part, size) => flip(part, size + at));
    await expect(failure).rejects.toMatchObject({ name: 'VerificationError', tensor });
    expect(others()).toEqual([]);
  });

  it.each([
    ['another type', '"F32"', '"I32"'],
    ['another shape', '"shape":[8,4]', '"shape":[4,8]'],
    ['another name', 'to_q.weight"', 'to_Q.weight"'],
    ['other metadata', '"format":"pt"', '"format":"np"'],
  ])('is thrown away when the header has %s', async (_, from, to) => {
    const failure = mergeOverFault((part) => {
      const bytes = readFileSync(part);
      expect(bytes.indexOf(from)).toBeGreaterThan(0);
      bytes.write(to, bytes.indexOf(from));
      writeFileSync(part, bytes);
    });
    await expect(failure).rejects.toMatchObject({ name: 'VerificationError' });
    expect(others()).toEqual([]);
  });

  it('is thrown away when tensors changed places', async () => {
    const failure = mergeOverFault((part) => {
      const bytes = readFileSync(part);
      const length = Number(bytes.readBigUInt64LE(0));
      const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<string, { data_offsets: number[] }>;
      const [one, two] = [header[FIRST], header[SECOND]];
      if (one === undefined || two === undefined) throw new Error('The test names other tensors.');
      [one.data_offsets, two.data_offsets] = [two.data_offsets, one.data_offsets];
      bytes.write(JSON.stringify(header).padEnd(length), 8);
      writeFileSync(part, bytes);
    });
    await expect(failure).rejects.toMatchObject({ name: 'VerificationError' });
  });

  it.each([1, 8 * 4 * 4])('is thrown away when the last %d bytes are missing', async (missing) => {
    const failure = mergeOverFault((part, size) => truncateSync(part, size - missing));
    await expect(failure).rejects.toMatchObject({ name: 'VerificationError' });
    expect(others()).toEqual([]);
  });

  it('is thrown away when something follows it', async () => {
    const failure = mergeOverFault((part) => writeFileSync(part, 'more', { flag: 'a' }));
    await expect(failure).rejects.toMatchObject({ name: 'VerificationError' });
  });
});

describe('a merge that cannot be finished', () => {
  it.skipIf(process.platform !== 'linux')('leaves nothing on a full disk, and keeps what stood there', async () => {
    writeFileSync(target, 'mine');
    // A device on which every write finds the disk full, in the place of the file that is being written.
    symlinkSync('/dev/full', `${target}.part`);
    await expect(merge()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(others()).toEqual(['out.safetensors']);
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  it.each([0, 0.8])('leaves nothing when it is abandoned at %d', async (share) => {
    const stop = new AbortController();
    const onProgress = (fraction: number) => {
      if (fraction >= share) stop.abort(new Error('enough'));
    };
    await expect(merge({ onProgress, signal: stop.signal })).rejects.toThrow('enough');
    expect(others()).toEqual([]);
  });
});
