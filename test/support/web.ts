import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findFreePort } from '#lib/postgres/index.ts';
import { compileCacheFolder } from '#scripts/compile-cache.mjs';
import { HANG_MS } from './limits.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The web process alone, on the database and the data folder of this test file. */
export interface TestWeb {
  url: string;
  pid: number;
  /** Everything it has printed. */
  output(): string;
  close(): Promise<void>;
}

/** Starts it on a free port, from the bundle. Web app and bundle must have been made, and the test environment be set. */
export async function startWeb(env: Record<string, string> = {}): Promise<TestWeb> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  // Libraries behave otherwise where these say that a test runs: better-auth checks no origins then.
  const { VITEST: _, TEST: __, ...inherited } = process.env;
  const settings = {
    NODE_ENV: 'production' as const,
    NODE_NO_WARNINGS: '1',
    HOST: '127.0.0.1',
    PORT: String(port),
    NODE_COMPILE_CACHE: compileCacheFolder() ?? undefined,
    ...env,
  };
  const child = spawn(process.execPath, [join(ROOT, 'dist', 'app', 'server.js')], {
    cwd: ROOT,
    env: { ...inherited, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const isUp = () =>
    fetch(`${url}/api/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  const deadline = Date.now() + HANG_MS;
  while (!(await isUp())) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The web process did not start:\n${output}`);
    }
    await new Promise((next) => setTimeout(next, 50));
  }
  return {
    url,
    pid: child.pid ?? 0,
    output: () => output,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
