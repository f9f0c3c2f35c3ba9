import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, expect, it } from 'vitest';
import { openBlobStore } from '#lib/storage/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse-blobs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const store = openBlobStore(join(folder, 'blobs'));
const bytes = Buffer.from('weights');
const sha256 = createHash('sha256').update(bytes).digest('hex');

function newFile(): string {
  const path = join(folder, 'upload');
  writeFileSync(path, bytes);
  return path;
}

it('takes a file in, and hands it out whole or in part', async () => {
  const path = newFile();
  expect(await store.sizeOf(sha256)).toBeNull();

  await store.put(path, sha256);

  expect(existsSync(path)).toBe(false);
  expect(await store.sizeOf(sha256)).toBe(7);
  expect(await buffer(store.read(sha256))).toEqual(bytes);
  expect((await buffer(store.read(sha256, { start: 2, end: 4 }))).toString()).toBe('igh');
  expect(statSync(store.pathOf(sha256)).mode & 0o222).toBe(0);
});

it('keeps what it has when the same bytes come again', async () => {
  const path = newFile();
  await store.put(path, sha256);

  expect(existsSync(path)).toBe(false);
  expect(readdirSync(join(folder, 'blobs', sha256.slice(0, 2), sha256.slice(2, 4)))).toEqual([sha256]);
});

it.each(['../../etc/passwd', sha256.toUpperCase(), '', `${sha256}/..`])('never makes a path of %j', (name) => {
  expect(() => store.pathOf(name)).toThrow(TypeError);
});
