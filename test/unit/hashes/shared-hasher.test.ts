import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { type Hashes, hashFile, openSharedHasher, type SharedHasher } from '#scanner/hashes/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse hashes '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A safetensors file, whose header AutoV3 leaves out. */
function safetensors(bytes: number): Buffer {
  const header = Buffer.from(JSON.stringify({ w: { dtype: 'U8', shape: [bytes], data_offsets: [0, bytes] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, randomBytes(bytes)]);
}

const CONTENTS: Record<string, Buffer> = {
  nothing: Buffer.alloc(0),
  'one byte': Buffer.from('x'),
  'seven bytes': randomBytes(7),
  'nine bytes': randomBytes(9),
  'a header alone': safetensors(0),
  'a safetensors file': safetensors(100_000),
  'more than a slot': safetensors(2_500_000),
  'what is no safetensors file': randomBytes(1_200_000),
};
/** Lengths of the pieces, again and again to the end. */
const PIECES: Record<string, number[]> = {
  'byte by byte at first': [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 700_000],
  'pieces of a socket': [65_536],
  'all at once': [10_000_000],
};

/** As many bytes of `piece` as fit. */
function feed(hasher: SharedHasher, piece: Uint8Array): Promise<number> {
  return hasher.read(async (room) => {
    const bytes = piece.subarray(0, room.length);
    room.set(bytes);
    return bytes.length;
  });
}

async function hashInPieces(content: Buffer, lengths: readonly number[]): Promise<Hashes> {
  const hasher = await openSharedHasher(content.length);
  for (let at = 0, n = 0; at < content.length; n += 1) {
    at += await feed(hasher, content.subarray(at, at + (lengths[n % lengths.length] ?? 1)));
  }
  return await hasher.finish();
}

it('gives of every file in every piece what reading it whole gives, all at the same time', async () => {
  const cases = Object.entries(CONTENTS).flatMap(([name, content]) =>
    Object.values(PIECES).map((lengths) => ({ name, content, lengths })),
  );
  const found = await Promise.all(cases.map(({ content, lengths }) => hashInPieces(content, lengths)));
  for (const [index, { name, content }] of cases.entries()) {
    const path = join(folder, 'whole');
    writeFileSync(path, content);
    expect(found[index], name).toEqual(await hashFile(path));
  }
});

it('gives back what files took that nobody asks for any more', async () => {
  const content = randomBytes(3_000_000);
  for (let n = 0; n < 40; n += 1) {
    const hasher = await openSharedHasher(content.length);
    await feed(hasher, content);
    hasher.drop();
  }
  const { sha256 } = await hashInPieces(content, [65_536]);
  expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
});

it('takes nothing of memory that could not be filled', async () => {
  const content = randomBytes(100_000);
  const hasher = await openSharedHasher(content.length);
  await feed(hasher, content.subarray(0, 5));
  for (let n = 0; n < 40; n += 1) {
    await expect(hasher.read(() => Promise.reject(new Error('The disk has failed.')))).rejects.toThrow('failed');
    expect(await hasher.read(async () => 0)).toBe(0);
  }
  await feed(hasher, content.subarray(5));
  expect((await hasher.finish()).sha256).toBe(createHash('sha256').update(content).digest('hex'));
});

it('keeps no process waiting for a file that never ends', async () => {
  const face = JSON.stringify(pathToFileURL('scanner/hashes/index.ts'));
  const program = `
    const { openSharedHasher } = await import(${face});
    const hasher = await openSharedHasher(10);
    await hasher.read(async (room) => room.set([1, 2, 3, 4]) ?? 4);
    console.log('fed');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(stdout).toBe('fed\n');
});
