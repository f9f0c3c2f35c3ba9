// `npm test`: sets everything up, then types, lint, imports, unused code, and the tests. Ends with one summary line.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyProject } from './copy-project.mjs';
import { ensureClient } from './generate.mjs';
import { childEnvironment, ensureInstalled, nodeCommand, root } from './with-node.mjs';

const inModules = (path) => join(root, 'node_modules', path);
const TSC = inModules('typescript/bin/tsc');
const BIOME = inModules('@biomejs/biome/bin/biome');
const IMPORTS = join(root, 'scripts', 'check-imports.mjs');
const KNIP = inModules('knip/bin/knip.js');
const VITEST = inModules('vitest/vitest.mjs');

const only = process.argv.slice(2);

await ensureInstalled();
await ensureClient();

const totals = { passed: 0, failed: 0, skipped: 0 };
const folders = [mkdtempSync(join(tmpdir(), 'weighhouse-test-'))];
let child = null;
let stoppedBy = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stoppedBy ??= signal;
    // Ctrl-C reaches everything in the terminal by itself, and a second one would end the runner before it has cleaned up.
    if (signal !== 'SIGINT') child?.kill(signal);
  });
}

/** Runs a program for Node, unless somebody has stopped the tests; whether it ended well. */
async function run(title, program, args, cwd = root) {
  if (stoppedBy !== null) return false;
  console.log(`\n— ${title}`);
  child = spawn(nodeCommand, [program, ...args], {
    cwd,
    stdio: 'inherit',
    env: childEnvironment(),
  });
  const status = await new Promise((resolve) => child.once('error', resolve).once('close', resolve));
  child = null;
  return status === 0;
}

async function check(title, program, args) {
  if (!(await run(title, program, args))) totals.failed += 1;
}

/** Runs some of the tests and adds what became of them to the totals. */
async function test(title, args, cwd = root) {
  const report = join(folders[0], `${args.join(' ').replace(/\W+/g, '-')}.json`);
  const ended = await run(
    title,
    VITEST,
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    cwd,
  );
  if (stoppedBy !== null) return;
  let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    console.error('The test runner ended without a report.');
  }
  totals.passed += counts.numPassedTests;
  totals.skipped += counts.numPendingTests;
  totals.failed += counts.numFailedTests;
  // A file that cannot be loaded has no test that could fail.
  if (!ended && counts.numFailedTests === 0) totals.failed += 1;
}

if (only.length > 0) {
  await test('tests', only);
} else {
  await check('types', TSC, ['--noEmit', '-p', '.']);
  await check('format and lint', BIOME, ['check', '--error-on-warnings', '.']);
  await check('imports', IMPORTS, []);
  await check('unused code and dependencies', KNIP, ['--no-progress']);

  const copy = copyProject();
  if (copy !== null) folders.push(copy);
  const place = copy === null ? '' : `, in a copy of the project at "${copy}"`;
  await test(`tests without a database${place}`, ['--project=unit'], copy ?? root);
  await test('tests with the database and the service', [
    '--project=integration',
    '--project=service',
    '--project=package',
  ]);
}
for (const folder of folders) rmSync(folder, { recursive: true, force: true });

if (stoppedBy !== null) {
  console.error('\nStopped.');
  process.exit(128 + constants.signals[stoppedBy]);
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
