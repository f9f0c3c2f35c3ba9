import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { scan } from '#scanner/scan.ts';
import { openFileSource } from '#scanner/source.ts';
import { type CollectionFile, makeCollection } from '../../fixtures/collection/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse collection '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FILES = 60;
const make = (name: string): CollectionFile[] => [...makeCollection(join(folder, name), { files: FILES, seed: 7 })];
const first = make('first');
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const readable = first.filter(({ outcome, size }) => outcome !== 'unreadable' && size > 0);

it('is of the size that was asked for, with companions, duplicates and every fault', () => {
  const models = first.filter(({ outcome }) => outcome !== 'companion');
  expect(models.filter(({ path }) => path.includes('/'))).toHaveLength(FILES);
  expect(new Set(first.map(({ outcome }) => outcome))).toEqual(
    new Set(
      ['published', 'dangerous', 'suspicious', 'malformed', 'companion', 'ignored', 'empty'].concat(
        process.platform === 'linux' ? ['unreadable'] : [],
      ),
    ),
  );
});

it('is the same for the same seed, and holds no file twice but those that it calls duplicates', () => {
  expect(make('second')).toEqual(first);
  for (const { path } of readable)
    expect(sha256(join(folder, 'second', path))).toBe(sha256(join(folder, 'first', path)));
  const models = readable.filter(({ outcome }) =>
    ['published', 'dangerous', 'suspicious', 'malformed'].includes(outcome),
  );
  expect(new Set(models.map(({ path }) => sha256(join(folder, 'first', path)))).size).toBe(models.length);
});

it('has the verdicts that its list says', async () => {
  const wrong: string[] = [];
  for (const { path, outcome, note } of readable) {
    if (outcome === 'companion' || outcome === 'ignored') continue;
    using source = openFileSource(join(folder, 'first', path));
    const { verdict } = await scan(source, { name: basename(path) });
    if (verdict !== (outcome === 'published' || outcome === 'duplicate' ? 'clean' : outcome))
      wrong.push(`${note ?? path}: ${verdict}`);
  }
  expect(wrong).toEqual([]);
});
