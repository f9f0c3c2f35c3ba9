import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ByteSource, bytesSource, openFileSource, sliceSource } from '#scanner/source.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const folder = mkdtempSync(join(tmpdir(), 'weighhouse-source-'));
const path = join(folder, 'a file.bin');

beforeAll(() => writeFileSync(path, bytes));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sources: [string, () => ByteSource][] = [
  ['a file', () => openFileSource(path)],
  ['bytes', () => bytesSource(bytes)],
  ['a window', () => sliceSource(bytesSource(Uint8Array.from([9, 9, ...bytes, 9, 9])), 2, bytes.length)],
];

describe.each(sources)('%s', (_, open) => {
  it.each([
    [0, 10],
    [990, 10],
    [995, 10],
    [1000, 1],
    [5000, 4],
    [3, 0],
  ])('reads [%d, +%d) as the bytes have it, shortened at the end', (offset, length) => {
    expect([...open().read(offset, length)]).toEqual([...bytes.slice(offset, offset + length)]);
  });
});

it('says why a file cannot be opened', () => {
  expect(() => openFileSource(join(folder, 'absent'))).toThrow(/ENOENT/);
});
