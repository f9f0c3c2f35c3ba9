import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as face from '#scanner/index.ts';

const guide = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'LIBRARY.md'), 'utf8');

it('the guide names only what the library has', () => {
  const rows = [...guide.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)/g)]);
  expect(rows.length).toBeGreaterThan(9);
  for (const [, name = ''] of rows) expect(Object.keys(face)).toContain(name);
});
