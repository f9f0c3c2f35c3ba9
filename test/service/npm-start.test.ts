import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { findFreePort } from '#lib/postgres/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const home = mkdtempSync(join(tmpdir(), 'weighhouse npm '));
let npm: ChildProcess | null = null;
afterEach(async () => {
  npm?.kill('SIGTERM');
  await expect.poll(() => isServed(url)).toBe(false);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

let url = '';
const isServed = (address: string) =>
  fetch(`${address}/api/health`).then(
    () => true,
    () => false,
  );

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Starts the service by npm itself, in a process group of its own; resolves to all it said when it is ready. */
async function npmStart(): Promise<() => string> {
  const port = await findFreePort();
  url = `http://127.0.0.1:${port}`;
  const { VITEST: _, TEST: __, ...inherited } = process.env;
  const child = spawn('npm', ['start'], {
    cwd: ROOT,
    env: {
      ...inherited,
      NODE_ENV: 'production',
      DATABASE_URL: '',
      LOG_LEVEL: 'warn',
      PORT: String(port),
      HOST: '127.0.0.1',
      WEIGHHOUSE_HOME: home,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  npm = child;
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  await expect.poll(() => said).toContain('Weighhouse is ready');
  return () => said;
}

const pidIn = (...path: string[]) => Number.parseInt(readFileSync(join(home, ...path), 'utf8'), 10);

describe.skipIf(process.platform === 'win32')('npm start', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)('ends all of the service when npm alone gets %s', async (signal) => {
    const said = await npmStart();
    const pids = [pidIn('service.pid'), pidIn('postgres', 'postmaster.pid')];
    expect(pids.map(isAlive)).toEqual([true, true]);

    const ended = once(npm as ChildProcess, 'exit');
    npm?.kill(signal);
    await ended;
    await expect.poll(() => pids.map(isAlive), { message: said() }).toEqual([false, false]);
    expect(await isServed(url)).toBe(false);
  });

  it('installs, generates and builds nothing when all of that is done', async () => {
    const said = await npmStart();
    expect(said()).not.toMatch(/Installing|Generating|Building/);
  });
});
