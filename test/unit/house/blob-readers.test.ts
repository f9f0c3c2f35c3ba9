import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** A file of the store that is missing is left to the stage to find. */
const ALLOWED = ['lib/ingest/stage-file.ts'];

it('only lib/storage says where bytes lie, so that none are read without a look at their stamp', () => {
  const found = globSync('{app,lib}/**/*.{ts,tsx}', { exclude: ['lib/storage/**', 'lib/db/generated/**'] })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => /\bblobStore\(\)\s*\.(pathOf|read)\(/.test(readFileSync(path, 'utf8')));
  expect(found).toEqual(ALLOWED);
});
