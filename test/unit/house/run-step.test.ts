import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const STEP = join(import.meta.dirname, '..', '..', '..', 'scripts', 'run-step.mjs');

/** Runs `program` as a step of a process of its own. */
function startStep(program: string, options = '{}') {
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { runStep } from ${JSON.stringify(STEP)};
    const { status, output } = await runStep('Building', process.execPath, ['-e', ${JSON.stringify(program)}], ${options});
    console.log(JSON.stringify({ status, output }));`,
  ]);
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  return { child, said };
}

it('shows what a step is called, what it says and how long it took, and keeps standard output clean', async () => {
  const { child, said } = startStep("console.log('one'); console.error('two'); process.exitCode = 0;");
  await once(child, 'close');
  expect(said.stderr).toMatch(/^Building…\n {2}(one\n {2}two|two\n {2}one)\n {2}done in \d+ s\n$/);
  expect(JSON.parse(said.stdout).status).toBe(0);
});

it('says that a silent step goes on', async () => {
  const { child, said } = startStep('setTimeout(() => {}, 60_000)', '{ silence: 50 }');
  await expect.poll(() => said.stderr).toMatch(/^Building…\n( {2}still running after \d+ s\n){2}/);
  child.kill('SIGTERM');
  await once(child, 'close');
});

it('hands back what a step that failed had said, also what was not shown', async () => {
  const { child, said } = startStep("console.log('why'); process.exit(3)", '{ shows: () => false }');
  await once(child, 'close');
  expect(said.stderr).toBe('Building…\n');
  expect(JSON.parse(said.stdout)).toEqual({ status: 3, output: 'why' });
});

it('hands back why a program cannot be run', async () => {
  const { child, said } = startStep('', "{ cwd: '/nowhere/at/all' }");
  await once(child, 'close');
  const { status, output } = JSON.parse(said.stdout);
  expect(status).toBeNull();
  expect(output).toContain('ENOENT');
});

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s ends the step as well', async (signal) => {
  const { child, said } = startStep("console.log('pid ' + process.pid); setInterval(() => {}, 1000)");
  await expect.poll(() => said.stderr).toMatch(/pid \d+\n/);
  const pid = Number(/pid (\d+)/.exec(said.stderr)?.[1]);
  child.kill(signal);
  const [status] = await once(child, 'exit');
  expect(status).toBeGreaterThan(128);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it('ends the step when nobody reads what it says any more', async () => {
  const { child, said } = startStep("console.log('pid ' + process.pid); setInterval(() => console.log('more'), 20)");
  await expect.poll(() => said.stderr).toMatch(/pid \d+\n/);
  const pid = Number(/pid (\d+)/.exec(said.stderr)?.[1]);
  const ended = once(child, 'exit');
  child.stderr.destroy();
  await ended;
  await expect.poll(() => isAlive(pid)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
