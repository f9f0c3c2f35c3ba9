import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { withFolder } from '../../fixtures/model-folders.ts';
import { findNodeInBrowser } from './client-imports.ts';

it('no page takes what only Node has to browsers', () => {
  expect(findNodeInBrowser(resolve('.')).map((way) => way.join(' → '))).toEqual([]);
});

const CLIENT = "'use client';\n";
const LIB = { 'lib/a.ts': "import 'node:fs';\nexport const a = 1;\nexport type A = 1;\n" };

it.each<[string, Record<string, string>, string[]]>([
  ['imported', { 'app/a.tsx': `${CLIENT}import { a } from '#lib/a.ts';` }, ['app/a.tsx → lib/a.ts → node:fs']],
  [
    'imported beside a type',
    { 'app/a.tsx': `${CLIENT}import { type A, a } from '#lib/a.ts';` },
    ['app/a.tsx → lib/a.ts → node:fs'],
  ],
  ['run for its effect', { 'app/a.tsx': `${CLIENT}import '../lib/a.ts';` }, ['app/a.tsx → lib/a.ts → node:fs']],
  [
    'handed on by a file without a directive',
    { 'app/a.tsx': `${CLIENT}import { a } from './b';`, 'app/b.ts': "export { a } from '#lib/a.ts';" },
    ['app/a.tsx → app/b.ts → lib/a.ts → node:fs'],
  ],
  [
    'handed on with all the rest',
    { 'app/a.tsx': `${CLIENT}import { a } from './b/index.ts';`, 'app/b/index.ts': "export * from '#lib/a.ts';" },
    ['app/a.tsx → app/b/index.ts → lib/a.ts → node:fs'],
  ],
  ['asked for later', { 'app/a.tsx': `${CLIENT}await import('#lib/a.ts');` }, ['app/a.tsx → lib/a.ts → node:fs']],
  ['named without its scheme', { 'app/a.tsx': `${CLIENT}import { join } from 'path';` }, ['app/a.tsx → path']],
  [
    'a type alone',
    { 'app/a.tsx': `${CLIENT}import type { A } from '#lib/a.ts';\nexport type { A } from '#lib/a.ts';` },
    [],
  ],
  ['types alone', { 'app/a.tsx': `${CLIENT}import { type A } from '#lib/a.ts';` }, []],
  ['imported by a page of the server', { 'app/a.tsx': "import { a } from '#lib/a.ts';" }, []],
])('finds it: %s', (_, files, found) => {
  withFolder({ ...LIB, ...files }, (root) =>
    expect(findNodeInBrowser(root).map((way) => way.join(' → '))).toEqual(found),
  );
});
