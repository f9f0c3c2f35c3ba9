import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'weighhouse-exit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs one test on the database server of the tests; returns the exit status of `vitest run`, and what it printed. */
function runTest(body: string): [number | null, string] {
  const test = join(folder, 'one.test.js');
  writeFileSync(test, `it('is the only one', () => { ${body} });\n`);
  const config = join(folder, 'vitest.config.mjs');
  const globalSetup = [join(ROOT, 'test', 'support', 'postgres.ts')];
  const server = { fs: { strict: false } };
  const settings = { root: ROOT, server, test: { globals: true, include: [test], globalSetup, cache: false } };
  writeFileSync(config, `export default ${JSON.stringify(settings)};\n`);
  const {
    VITEST: _,
    TEST: __,
    VITEST_MODE: ___,
    VITEST_WORKER_ID: ____,
    VITEST_POOL_ID: _____,
    FORCE_COLOR: ______,
    ...env
  } = process.env;
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [vitest, 'run', '--config', config], {
    cwd: ROOT,
    env: { ...env, NO_COLOR: '1' },
    encoding: 'utf8',
  });
  return [status, stdout + stderr];
}

it.each([
  ['passes', 'expect(1).toBe(1);', 0],
  ['fails', 'expect(1).toBe(2);', 1],
])('vitest run on its own says with its exit status that a test %s', (_, body, status) => {
  const [code, output] = runTest(body);
  expect(output).toMatch(/Tests\D+1 (passed|failed)/);
  expect(code, output).toBe(status);
});
