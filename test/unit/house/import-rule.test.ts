import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Files of a small project by their paths. Every one of them imports something, so that only one is an orphan. */
const KEEPS_THE_RULES: Record<string, string> = {
  'app/page.tsx': "import { a } from '../lib/catalog/index.ts';\nimport '#lib/uploads/client.ts';\n",
  'lib/catalog/index.ts': "export { a } from './a.ts';\n",
  'lib/catalog/a.ts': "import '../config.ts';\nimport './inner/index.ts';\nexport const a = 1;\n",
  'lib/catalog/inner/index.ts': "import './deep.ts';\n",
  'lib/catalog/inner/deep.ts': "import '../other.ts';\nimport '#scanner/index.ts';\n",
  'lib/catalog/other.ts': "import '#scanner/tensors/index.ts';\nimport '../uploads/index.ts';\n",
  'lib/config.ts': 'export const config = 1;\n',
  'lib/uploads/index.ts': "import './finish.ts';\n",
  'lib/uploads/client.ts': "import './types.ts';\n",
  'lib/uploads/finish.ts': "import 'pg';\n",
  'lib/uploads/types.ts': 'export type T = 1;\n',
  'scanner/index.ts': "import './source.ts';\n",
  'scanner/source.ts': "import 'node:fs';\n",
  'scanner/tensors/index.ts': "import './types.ts';\nimport '../source.ts';\n",
  'scanner/tensors/types.ts': 'export type Tensor = 1;\n',
};

/** A file more, and the rules that it breaks. */
const BREAKS: [path: string, imports: string, ...rules: string[]][] = [
  ['scanner/hashes/probe.ts', "import '../../lib/config.ts';", 'one-way-scanner'],
  ['scanner/hashes/probe.ts', "import '#app/page.tsx';", 'one-way-scanner'],
  ['lib/catalog/probe.ts', "import '../../app/page.tsx';", 'one-way-lib'],
  ['lib/catalog/probe.ts', "import '#test/support/a.ts';", 'one-way-lib'],
  ['app/probe.ts', "import '#scripts/a.mjs';", 'one-way-app'],
  ['scanner/identify/probe.ts', "import '../tensors/types.ts';", 'through-the-face-of-siblings'],
  ['scanner/identify/probe.ts', "import type { Tensor } from '../tensors/types.ts';", 'through-the-face-of-siblings'],
  ['lib/uploads/probe.ts', "import { a } from '../catalog/a.ts';", 'through-the-face-of-siblings'],
  ['lib/uploads/probe.ts', "import '#scanner/tensors/types.ts';", 'through-the-face-of-siblings'],
  ['lib/catalog/probe.ts', "import './inner/deep.ts';", 'through-the-face-of-siblings'],
  ['lib/catalog/second/probe.ts', "import '../inner/deep.ts';", 'through-the-face-of-inner-rooms'],
  ['lib/catalog/second/probe.ts', "import '../../uploads/finish.ts';", 'through-the-face-of-inner-rooms'],
  ['lib/probe.ts', "import './uploads/finish.ts';", 'through-the-face'],
  ['app/probe.tsx', "import '#lib/uploads/finish.ts';", 'through-the-face'],
  ['app/probe.tsx', "const a = await import('#lib/uploads/finish.ts');", 'through-the-face'],
  ['scanner/identify/probe.ts', "import 'pg';", 'pure-scanner'],
  ['lib/uploads/probe.ts', "import 'react';", 'no-pages-in-lib'],
  ['lib/uploads/probe.ts', "import './not-there.ts';", 'not-to-unresolvable'],
  ['lib/uploads/probe.ts', 'using a = open();', 'no-orphans'],
  ['lib/uploads/finish.ts', "import type { T } from './index.ts';", 'no-circular'],
  ['scanner/source.ts', "import './tensors/index.ts';", 'no-circular'],
];

const house = mkdtempSync(join(tmpdir(), 'weighhouse house '));
const program = resolve('scripts/check-imports.mjs');

function build(files: Record<string, string>): void {
  rmSync(house, { recursive: true, force: true });
  const all = {
    ...files,
    'package.json': JSON.stringify({
      type: 'module',
      imports: Object.fromEntries(
        ['app', 'lib', 'scanner', 'scripts', 'test'].map((room) => [`#${room}/*`, `./${room}/*`]),
      ),
    }),
    'test/support/a.ts': '',
    'scripts/a.mjs': '',
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(join(house, dirname(path)), { recursive: true });
    writeFileSync(join(house, path), text);
  }
  symlinkSync(resolve('node_modules'), join(house, 'node_modules'));
}

/** Names of the rules that the project breaks, and what the check ends with. */
function check(): { rules: string[]; status: number | null } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, house], { encoding: 'utf8' });
  expect(stdout, stderr).toContain('imports of');
  const rules = [...stderr.matchAll(/^([a-z-]+): /gm)].map(([, rule]) => rule ?? '');
  return { rules: [...new Set(rules)], status };
}

afterAll(() => rmSync(house, { recursive: true, force: true }));

describe('the check of imports', () => {
  beforeAll(() => build(KEEPS_THE_RULES));

  it('passes a project that keeps the rules', () => {
    build(KEEPS_THE_RULES);
    expect(check()).toEqual({ rules: [], status: 0 });
  });

  it.each(BREAKS)('fails where %s has: %s', (path, imports, ...rules) => {
    build({ ...KEEPS_THE_RULES, [path]: `${KEEPS_THE_RULES[path] ?? ''}${imports}\n` });
    expect(check()).toEqual({ rules, status: 1 });
  });
});

describe('the check for what nothing uses', () => {
  const knip = resolve('node_modules/knip/bin/knip.js');
  const files = {
    'index.ts': "import { used } from './used.ts';\nimport 'pg';\nused();\n",
    'used.ts': 'export function used() {}\n',
  };
  const manifest = { name: 'house', type: 'module', dependencies: { pg: '*' } };

  function run(more: Record<string, string>, dependencies: Record<string, string> = {}): string {
    rmSync(house, { recursive: true, force: true });
    mkdirSync(house);
    const all = {
      ...files,
      ...more,
      'package.json': JSON.stringify({ ...manifest, dependencies: { ...manifest.dependencies, ...dependencies } }),
      'knip.json': JSON.stringify({ entry: ['index.ts'], project: ['**/*.ts'] }),
    };
    for (const [path, text] of Object.entries(all)) writeFileSync(join(house, path), text);
    symlinkSync(resolve('node_modules'), join(house, 'node_modules'));
    const { status, stdout, stderr } = spawnSync(process.execPath, [knip, '--no-progress'], {
      cwd: house,
      encoding: 'utf8',
    });
    return status === 0 ? 'passed' : stdout + stderr;
  }

  it('passes where everything is used', () => expect(run({})).toBe('passed'));

  it.each([
    ['a file', { 'lonely.ts': "import 'pg';\n" }, {}, 'lonely.ts'],
    ['an export', { 'used.ts': `${files['used.ts']}export const lonely = 1;\n` }, {}, 'lonely'],
    ['a dependency', {}, { react: '*' }, 'react'],
  ])('names %s that nothing uses', (_, more, dependencies, name) => {
    expect(run(more, dependencies)).toMatch(new RegExp(`Unused[^]*${name}`));
  });
});
