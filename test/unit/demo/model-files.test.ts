import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { makeDemoModels } from '#lib/demo/index.ts';
import { identifyFile } from '#scanner/identify/index.ts';
import { openFileSource, scan } from '#scanner/index.ts';
import { FIXTURES, makeFixtures } from '../../fixtures/model-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse demo '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(FIXTURES)('$file is judged $verdict and found to be $type for $base', ({ file, verdict, type, base }) => {
  const [made] = makeFixtures(join(folder, 'fixtures'), 'slim', [file]);
  using source = openFileSource(made?.path ?? '');
  const report = scan(source, { name: file });

  expect({ verdict: report.verdict, findings: verdict === 'clean' ? report.findings : [] }).toEqual({
    verdict,
    findings: [],
  });
  if (type !== undefined) expect(identifyFile(source)).toMatchObject({ type, base });
});

it('tells the SD 2.x checkpoint that predicts v by its numbers', () => {
  const [made] = makeFixtures(join(folder, 'v'), 'slim', ['sd21.ckpt']);
  using source = openFileSource(made?.path ?? '');

  expect(identifyFile(source)).toMatchObject({ prediction: 'v', variant: 'v-prediction' });
});

it('makes demo models of every verdict that a person meets, small, different, and the same every time', async () => {
  const models = await makeDemoModels(join(folder, 'one'));
  const again = await makeDemoModels(join(folder, 'two'));
  const sizes = models.map(({ path }) => readFileSync(path).length);
  const digests = (made: typeof models) =>
    made.map(({ path }) => createHash('sha256').update(readFileSync(path)).digest('hex'));

  expect(
    sizes
      .toSorted((a, b) => a - b)
      .slice(0, -1)
      .reduce((sum, size) => sum + size, 0),
  ).toBeLessThan(15e6);
  expect(Math.max(...sizes)).toBeLessThan(130e6);
  expect(new Set(digests(models)).size).toBe(models.length);
  expect(digests(again)).toEqual(digests(models));
  const seen = models.map(({ path, note }) => {
    using source = openFileSource(path);
    expect(note).toMatch(/\.$/);
    return `${identifyFile(source).type} ${scan(source, { name: basename(path) }).verdict}`;
  });
  expect(seen).toEqual([
    'checkpoint clean',
    'checkpoint clean',
    'checkpoint clean',
    'lora clean',
    'embedding clean',
    'vae clean',
    'checkpoint dangerous',
    'checkpoint suspicious',
  ]);
});
