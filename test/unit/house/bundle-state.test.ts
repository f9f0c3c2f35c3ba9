import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'weighhouse bundle '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['nothing has changed', () => {}, true],
  ['a source is longer', () => writeFileSync(join(folder, 'lib/a.ts'), 'export const a = 10;'), false],
  ['a source was written again', () => utimesSync(join(folder, 'lib/a.ts'), 1, 1), false],
  ['a source is gone', () => rmSync(join(folder, 'lib/a.ts')), false],
  ['there is no list', () => rmSync(join(folder, 'dist/sources.json')), false],
  ['the list is cut off', () => writeFileSync(join(folder, 'dist/sources.json'), '[["lib/a'), false],
])('takes the bundle for fresh or stale when %s', async (what, change, fresh) => {
  for (const name of ['scripts', 'lib', 'dist']) mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['bundled-node.mjs', 'bundle-state.mjs']) cpSync(`scripts/${name}`, join(folder, 'scripts', name));
  writeFileSync(join(folder, 'lib/a.ts'), 'export const a = 1;');
  const { STATE, isBundleFresh, stateOf } = await import(
    `${join(folder, 'scripts/bundle-state.mjs')}?${encodeURIComponent(what)}`
  );
  writeFileSync(STATE, JSON.stringify(stateOf(['lib/a.ts'])));
  change();
  expect(isBundleFresh()).toBe(fresh);
});
