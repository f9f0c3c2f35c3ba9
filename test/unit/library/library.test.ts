import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { bytesSource, reportJson, scan } from 'weighhouse/scanner';
import * as face from '../../../scanner/index.ts';
import { EVIL2, latin1 } from '../../fixtures/pickles.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const guide = readFileSync(join(root, 'docs', 'LIBRARY.md'), 'utf8');
const project = mkdtempSync(join(tmpdir(), 'weighhouse library '));
afterAll(() => rmSync(project, { recursive: true, force: true }));

it('is found under the name of the package, with its types', () => {
  const report: face.ScanReport = scan(bytesSource(latin1(EVIL2)));
  expect(report.verdict satisfies face.Verdict).toBe('dangerous');
  expect(reportJson([{ path: 'a', report }], '1')).toMatchObject({ files: [{ path: 'a', verdict: 'dangerous' }] });
});

it("runs the guide's example in a project that links to it", () => {
  const example = /```ts\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(root, join(project, 'node_modules', 'weighhouse'));
  writeFileSync(join(project, 'package.json'), '{"type": "module"}');
  writeFileSync(join(project, 'example.ts'), example);
  writeFileSync(join(project, 'model.ckpt'), latin1(EVIL2));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['example.ts'], { cwd: project, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  const lines = stdout.trim().split('\n');
  expect(lines[0]).toMatch(/^dangerous pickle\/global-dangerous undefined 2 Loading this file would run/);
  expect(JSON.parse(lines[1] ?? '')).toMatchObject({ schema: 1, files: [{ verdict: 'dangerous' }] });
});

it('the guide names only what the library has', () => {
  const rows = [...guide.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)/g)]);
  expect(rows.length).toBeGreaterThan(9);
  for (const [, name = ''] of rows) expect(Object.keys(face)).toContain(name);
});
