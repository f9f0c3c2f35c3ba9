import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, describe, expect, it } from 'vitest';
import { findProgram, PROGRAMS, type ProgramName, programPaths } from '#lib/process/programs.ts';

const root = resolve('.');
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'weighhouse programs ')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = Object.keys(PROGRAMS) as ProgramName[];

describe('in a clone', () => {
  it.each(names)('the program %s is there', (name) => {
    expect(statSync(findProgram(name)).isFile()).toBe(true);
  });

  it('programs may read the source, and nothing beside it', () => {
    const inRoot = programPaths().filter((path) => path.startsWith(root));
    expect(inRoot).toEqual(['scanner', 'lib', 'bin', 'node_modules', 'package.json'].map((name) => join(root, name)));
  });
});

it('compiled, programs lie in dist, which they may read', async () => {
  const build = await rolldown({ input: 'lib/process/programs.ts', platform: 'node', logLevel: 'silent' });
  const file = join(folder, 'dist', 'chunks', 'programs.js');
  await build.write({ file });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  mkdirSync(join(folder, 'packages'));
  symlinkSync(join(folder, 'packages'), join(folder, 'node_modules'));

  const compiled = (await import(pathToFileURL(file).href)) as typeof import('#lib/process/programs.ts');
  expect(names.map((name) => compiled.findProgram(name))).toEqual(
    names.map((name) => join(folder, 'dist', PROGRAMS[name].replace('.ts', '.js'))),
  );
  expect(compiled.programPaths()).toEqual(
    ['dist', 'node_modules', 'packages', 'package.json'].map((name) => join(folder, name)),
  );
});
