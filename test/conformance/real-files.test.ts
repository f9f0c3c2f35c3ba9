import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileSource, scan } from '#scanner/index.ts';
import { mayBe } from '../fixtures/real-files.ts';
import { writeRealFiles } from './support/real-files.ts';
import { NO_TORCH, torchPython } from './support/torch.ts';

/** Several archives in a row, whose list is in `.metadata`; a program, of which a scan says that it was not checked. */
const MAY_BE_INCOMPLETE = /\.distcp$|^torchscript-/;

const folder = mkdtempSync(join(tmpdir(), 'weighhouse real '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
if (torchPython === null) console.warn(NO_TORCH);

describe.skipIf(torchPython === null)('files of the libraries that people save models with', () => {
  const all = torchPython === null ? [] : writeRealFiles(folder);
  const left = all.filter(({ error }) => error !== null);
  if (left.length > 0) console.warn(`Not written: ${left.map(({ name, error }) => `${name} (${error})`).join(', ')}`);
  const files = all.filter(({ error }) => error === null);

  it('are of every kind', () => {
    expect(files.length).toBeGreaterThan(100);
  });

  it.each(files.map((file) => [file.name, file] as const))('%s', (name, file) => {
    using source = openFileSource(join(folder, name));
    const { verdict, findings } = scan(source, { name });
    const isGood = mayBe(file).includes(verdict) || (MAY_BE_INCOMPLETE.test(name) && verdict === 'incomplete');
    expect({ verdict: isGood ? 'good' : verdict, findings }).toMatchObject({ verdict: 'good' });
  });
});
