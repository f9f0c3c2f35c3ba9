import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { changesSince, readState, usedBy } from '#scripts/web-sources.mjs';

const base = mkdtempSync(join(tmpdir(), 'weighhouse-sources-'));
const root = join(base, 'project');
afterAll(() => rmSync(base, { recursive: true, force: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const lock = (packages: object) => write('package-lock.json', JSON.stringify({ packages }));
const PACKAGES = {
  '': { version: '0.1.0' },
  'node_modules/react': { version: '19.0.0' },
  'node_modules/vitest': { version: '5.0.0', dev: true },
  'node_modules/postcss-preset-mantine': { version: '1.0.0', dev: true },
};

/** A project with a build that is made of one page, its style, and what it imports. */
beforeEach(() => {
  rmSync(root, { recursive: true, force: true });
  for (const path of ['app/models/[id]/page.tsx', 'app/page.module.css', 'app/server.ts', 'lib/catalog/index.ts'])
    write(path, path);
  for (const path of ['lib/cli/main.ts', 'scanner/index.ts', 'next.config.js', 'test/one.test.ts', 'README.md'])
    write(path, path);
  write('package.json', JSON.stringify({ version: '0.1.0', imports: { '#lib/*': './lib/*' } }));
  lock(PACKAGES);
  const up = '../../..';
  const sections = [{ map: { sources: [`${up}/scanner/index.ts`] } }];
  write(
    '.next/server/app/page.js.map',
    JSON.stringify({ sources: [`${up}/app/models/%5Bid%5D/page.tsx`, `${up}/lib/catalog/index.ts`], sections }),
  );
});

describe('the web app is built again', () => {
  const readBuilt = () => usedBy(root, join(root, '.next'), readState(root));

  it.each<[string, () => void, string[]]>([
    ['when a page has changed', () => write('app/models/[id]/page.tsx', '2'), ['app/models/[id]/page.tsx']],
    ['when a style has changed', () => write('app/page.module.css', '2'), ['app/page.module.css']],
    ['when a page was added', () => write('app/merge/page.tsx', '1'), ['app/merge/page.tsx']],
    ['when a page is gone', () => rmSync(join(root, 'app/page.module.css')), ['app/page.module.css']],
    ['when what pages import has changed', () => write('lib/catalog/index.ts', '2'), ['lib/catalog/index.ts']],
    ['when the scanner that pages import has changed', () => write('scanner/index.ts', '2'), ['scanner/index.ts']],
    ['when a setting has changed', () => write('next.config.js', '2'), ['next.config.js']],
    [
      'when a dependency has changed',
      () => lock({ ...PACKAGES, 'node_modules/react': { version: '19.0.1' } }),
      ['package-lock.json'],
    ],
    [
      'when what writes the styles has changed',
      () => lock({ ...PACKAGES, 'node_modules/postcss-preset-mantine': { version: '2.0.0', dev: true } }),
      ['package-lock.json'],
    ],
    [
      'when names of rooms mean something else',
      () => write('package.json', JSON.stringify({ imports: { '#lib/*': './src/*' } })),
      ['package.json'],
    ],
    ['not when nothing has changed', () => {}, []],
    ['not when a command has changed', () => write('lib/cli/main.ts', '2'), []],
    ['not when a command was added', () => write('lib/cli/more.ts', '1'), []],
    ['not when what runs it has changed', () => write('app/server.ts', '2'), []],
    ['not when a test has changed', () => write('test/one.test.ts', '2'), []],
    ['not when a text has changed', () => write('README.md', '2'), []],
    [
      'not when a tool has changed',
      () => lock({ ...PACKAGES, 'node_modules/vitest': { version: '5.0.1', dev: true } }),
      [],
    ],
  ])('%s', (_, change, paths) => {
    const built = readBuilt();
    change();
    expect(changesSince(built, readState(root))).toEqual(paths);
  });

  it('when anything has changed, where the build does not tell what it is made of', () => {
    rmSync(join(root, '.next/server/app/page.js.map'));
    const built = readBuilt();
    write('lib/cli/main.ts', '2');
    expect(changesSince(built, readState(root))).toEqual(['lib/cli/main.ts']);
  });

  it('not in a copy of the project in another folder', () => {
    const built = readBuilt();
    const copy = join(base, 'a copy');
    cpSync(root, copy, { recursive: true });
    expect(changesSince(built, readState(copy))).toEqual([]);
  });
});
