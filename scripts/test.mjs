// `npm test`: sets everything up, then types, lint with the import rule, and the tests. Ends with one summary line.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureClient } from './generate.mjs';
import { childEnvironment, commandOf, ensureInstalled, root } from './with-node.mjs';

const only = process.argv.slice(2);

ensureInstalled();
ensureClient();

function run(title, command, args) {
  console.log(`\n— ${title}`);
  const result = spawnSync(commandOf(command), args, {
    cwd: root,
    stdio: 'inherit',
    env: childEnvironment(),
    shell: process.platform === 'win32',
  });
  return result.status === 0;
}

const checks = [
  () => run('types', 'tsc', ['--noEmit', '-p', '.']),
  () => run('format, lint and the import rule', 'biome', ['check', '--error-on-warnings', '.']),
];

let failedChecks = 0;
if (only.length === 0) for (const check of checks) if (!check()) failedChecks += 1;

const folder = mkdtempSync(join(tmpdir(), 'weighhouse-test-'));
const report = join(folder, 'vitest.json');
const passed = run('tests', 'vitest', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...only,
]);

let counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
try {
  counts = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  console.error('The test runner ended without a report.');
  failedChecks += 1;
}
rmSync(folder, { recursive: true, force: true });

if (!passed && counts.numFailedTests === 0) failedChecks += 1;
const failed = counts.numFailedTests + failedChecks;
console.log(`\n${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests} skipped`);
process.exit(failed === 0 ? 0 : 1);
