import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBlake3 } from '#scanner/hashes/blake3.ts';
import { loadCrc32 } from '#scanner/hashes/crc32.ts';
import { DigestSet, HASH_GROUPS } from '#scanner/hashes/digest-set.ts';
import { hashFile, openHasher, sha256OfFile } from '#scanner/hashes/index.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hashes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(bytes: Uint8Array | string): string {
  const path = join(folder, 'file.bin');
  writeFileSync(path, bytes);
  return path;
}

describe('hashFile', () => {
  it('skips the safetensors header for AutoV3', async () => {
    const file =
      'WAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCJ9LCJhIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX19ICAgAACAPwAAAEA=';
    const hashes = await hashFile(write(Buffer.from(file, 'base64')));
    expect(hashes).toEqual({
      sha256: 'c1f3ae23fadd088654c883988914b92baefd16f30ddc8dc4c9c6a10f24193036',
      autov1: null,
      autov2: 'c1f3ae23fa',
      autov3: 'b9c80b5adeca450753a16950c3cc655d271f7bef7a485bc83f112b72fef21d37',
      blake3: expect.stringMatching(/^[0-9a-f]{64}$/),
      crc32: 'a779f241',
    });
  });

  it('gives the published values of 2 MiB of i % 251', async () => {
    const hashes = await hashFile(write(Uint8Array.from({ length: 2 * 1024 * 1024 }, (_, i) => i % 251)));
    expect(hashes.autov1).toBe('15ffd73b');
    expect(hashes.autov2).toBe('1e075c8d47');
  });

  it('gives the published BLAKE3 and CRC-32 of "hello world"', async () => {
    const hashes = await hashFile(write('hello world'));
    expect(hashes.blake3).toBe('d74981efa70a0c880b8d8c1985d075dbcbf679b99a5f9914e5aaf96b831a9e24');
    expect(hashes.crc32).toBe('0d4a1185');
    expect(hashes.autov3).toBe(createHash('sha256').update('rld').digest('hex'));
  });

  it('carries every digest across chunks and reports progress to 1', async () => {
    const bytes = Buffer.alloc(20 * 1024 * 1024 + 13, 'model weights ');
    const fractions: number[] = [];
    const hashes = await hashFile(write(bytes), { onProgress: (fraction) => fractions.push(fraction) });
    expect(hashes.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(hashes.autov3).toBe(createHash('sha256').update(bytes.subarray(8)).digest('hex'));
    expect(fractions).toHaveLength(3);
    expect(fractions.at(-1)).toBe(1);
  });

  it('hashes an empty file without inventing a window', async () => {
    const hashes = await hashFile(write(''));
    expect(hashes.sha256).toMatch(/^e3b0c442/);
    expect(hashes.autov1).toBeNull();
    expect(hashes.autov3).toBeNull();
    expect(hashes.crc32).toBe('00000000');
  });
});

describe('BLAKE3', () => {
  it('is the same from the addon and from WebAssembly, for pieces of any size', async () => {
    const bytes = Buffer.alloc(3 * 1024 * 1024 + 5);
    for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE((at * 2654435761) % 2 ** 32, at);
    const [fast, portable] = [await createBlake3({ native: true }), await createBlake3({ native: false })];
    let step = 1;
    for (let at = 0; at < bytes.length; ) {
      // The middle of a buffer, as slots of threads are.
      const piece = new Uint8Array(bytes.buffer, bytes.byteOffset + at, Math.min(step, bytes.length - at));
      fast.update(piece);
      portable.update(piece);
      at += step;
      step = (step * 7) % 100_003;
    }
    const value = portable.digest();
    expect(value).toMatch(/^[0-9a-f]{64}$/);
    expect(fast.digest()).toBe(value);
  });
});

describe('CRC-32', () => {
  it('is the same from the addon and from Node, for pieces of any size', async () => {
    const bytes = randomBytes(1024 * 1024 + 5);
    const [fast, portable] = [await loadCrc32({ native: true }), await loadCrc32({ native: false })];
    expect(fast).not.toBe(portable);
    let [a, b, step] = [0, 0, 1];
    for (let at = 0; at < bytes.length; ) {
      // The middle of a buffer, as slots of threads are.
      const piece = new Uint8Array(bytes.buffer, bytes.byteOffset + at, Math.min(step, bytes.length - at));
      [a, b] = [fast(piece, a), portable(piece, b)];
      at += step;
      step = (step * 7) % 100_003;
    }
    expect(a).toBe(b);
    expect(a).toBe(crc32(bytes));
  });
});

it('keeps none of the memory that it was fed from', async () => {
  const content = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}the weights')]);
  const digests = await DigestSet.create(HASH_GROUPS.flat(), content.length);
  const piece = Buffer.alloc(1);
  for (const byte of content) {
    piece[0] = byte;
    digests.update(piece);
  }
  expect(digests.finish()).toEqual(await hashFile(write(content)));
});

describe('in threads', () => {
  it('gives what it gives without them', async () => {
    const bytes = Buffer.alloc(65 * 1024 * 1024 + 7);
    for (let at = 0; at + 4 <= bytes.length; at += 4096) bytes.writeUInt32LE((at * 2654435761) % 2 ** 32, at);
    const path = write(bytes);
    const alone = await DigestSet.create(HASH_GROUPS.flat(), bytes.length);
    alone.update(bytes);
    expect(await hashFile(path)).toEqual(alone.finish());
    expect(await sha256OfFile(path)).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('takes pieces of any size', async () => {
    const bytes = Buffer.alloc(64 * 1024 * 1024, 'weights');
    await using hasher = await openHasher(bytes.length);
    let step = 9;
    for (let at = 0; at < bytes.length; ) {
      await hasher.update(bytes.subarray(at, at + step));
      at += step;
      step = (step * 7) % 9_000_001;
    }
    expect((await hasher.finish()).sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});
