import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runsCommand, writeCheckpoint } from '#lib/demo/index.ts';
import { EVIL2, latin1 } from '../fixtures/pickles.ts';
import { installPackage } from '../support/package.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'weighhouse package '));
let command: string;

beforeAll(() => {
  command = installPackage(folder);
  writeCheckpoint(join(folder, 'poisoned.ckpt'), 'sd1', { seed: 6, extras: [runsCommand()] });
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program with the installed package in reach; gives its exit status and output. */
function run(...args: string[]): { code: number; stdout: string; stderr: string } {
  try {
    return {
      code: 0,
      stdout: execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' }),
      stderr: '',
    };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { code: status, stdout, stderr };
  }
}
const weighhouse = (...args: string[]) => run(command, ...args);

it('scans as a command of another project', () => {
  const { code, stdout, stderr } = weighhouse('scan', 'poisoned.ckpt', 'package.json', '--format', 'json');
  expect([code, stderr]).toEqual([1, '']);
  expect(JSON.parse(stdout).files).toMatchObject([{ verdict: 'dangerous' }, { verdict: 'malformed' }]);
});

describe('with one file and no options, a command is a single file', () => {
  const bundleOf = (command: string) =>
    join(folder, 'node_modules', 'weighhouse', 'dist', 'lib', 'cli', `${command}-file.js`);

  it.each(['scan', 'identify'])('%s, without what reads arguments, policies or forms', (command) => {
    expect(readFileSync(bundleOf(command), 'utf8')).not.toMatch(
      /commander|CommanderError|ZodError|parsePolicy|chunks\//,
    );
  });

  const files = {
    clean: ['clean.ckpt', () => writeCheckpoint(join(folder, 'clean.ckpt'), 'sd1', { seed: 7 })],
    dangerous: ['poisoned.ckpt', () => {}],
    'of an odd name': ['a b\u001b[31mü.ckpt', () => writeFileSync(join(folder, 'a b\u001b[31mü.ckpt'), latin1(EVIL2))],
    missing: ['nowhere.ckpt', () => {}],
    'a folder': ['models', () => mkdirSync(join(folder, 'models'), { recursive: true })],
  } as const;

  describe.each(Object.keys(files) as (keyof typeof files)[])('%s', (kind) => {
    it.each(['scan', 'identify'])('%s says what it says with options', (command) => {
      const [file, make] = files[kind];
      make();
      expect(weighhouse(command, file)).toEqual(weighhouse(command, file, '--format', 'text'));
    });
  });

  it.each(['scan', 'identify'])('%s fails where nobody reads what it says', async (name) => {
    const child = spawn(process.execPath, [command, name, 'clean.ckpt'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    child.stdout.destroy();
    expect(await once(child, 'exit')).toEqual([2, null]);
  });
});

it('hashes on threads of its own', () => {
  const large = join(folder, 'large.bin');
  writeFileSync(large, '');
  truncateSync(large, 65 * 1024 * 1024);
  const { stdout } = weighhouse('hash', large, '--format', 'json');
  // 65 MiB of zeros, as sha256sum has it.
  expect(JSON.parse(stdout).files[0].sha256).toBe('25631f11bd18756ec0029380ec886af0c8824dc6b2706bbdb1d9451c7cf45f42');
});

it('holds nothing of the web and no sources', () => {
  const files = readdirSync(join(folder, 'node_modules', 'weighhouse'), { recursive: true, encoding: 'utf8' });
  expect(files).toContain(join('dist', 'lib', 'cli', 'main.js'));
  expect(files.filter((path) => /(?<!\.d)\.tsx?$|(^|[\\/])(app|service)[\\/]|sources\.json/.test(path))).toEqual([]);
});

it('says where the service is to be had', () => {
  const { code, stderr } = weighhouse('web');
  expect(code).toBe(2);
  expect(stderr).toMatch(/runs from a clone of Weighhouse/);
});

it('is a library with types', () => {
  const program = `import { openFileSource, type ScanReport, scan } from 'weighhouse/scanner';
    using source = openFileSource('poisoned.ckpt');
    const report: ScanReport = scan(source, { name: 'poisoned.ckpt' });
    const verdict: 'clean' | 'suspicious' | 'malformed' | 'dangerous' | 'incomplete' = report.verdict;
    console.log(verdict, report.findings[0]?.where?.offset);\n`;
  writeFileSync(join(folder, 'mine.ts'), program);
  const compiled = run(
    join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    ...['--strict', '--noEmit', '--module', 'nodenext', '--target', 'esnext', '--types', 'node', 'mine.ts'],
  );
  expect(compiled).toEqual({ code: 0, stdout: '', stderr: '' });
  const { code, stdout, stderr } = run('mine.ts');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^dangerous \d+\n$/);
});

it("runs the library guide's example", () => {
  const guide = readFileSync(join(ROOT, 'docs', 'LIBRARY.md'), 'utf8');
  writeFileSync(join(folder, 'example.ts'), /```ts\n([\s\S]*?)```/.exec(guide)?.[1] ?? '');
  writeFileSync(join(folder, 'model.ckpt'), latin1(EVIL2));
  const { code, stdout, stderr } = run('example.ts');
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.trim().split('\n');
  expect(lines[0]).toMatch(/^dangerous pickle\/global-dangerous undefined 2 Loading this file would run/);
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ schema: 1, files: [{ verdict: 'dangerous' }] });
});
