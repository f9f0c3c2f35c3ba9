import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort, migrate, startEmbeddedPostgres } from '#lib/postgres/index.ts';
import { findProgram, projectRoot } from '#lib/process/index.ts';
import { waitFor } from './wait-for.ts';

/** One web process or worker of a shared service. */
export interface SharedProcess {
  /** Of a web process. */
  url: string;
  pid(): number;
  /** Ends it at once, without a warning. */
  kill9(): Promise<void>;
  start(): Promise<void>;
}

/** Several web processes and workers on one database and one data folder, without a supervisor. */
export interface SharedService {
  webs: SharedProcess[];
  workers: SharedProcess[];
  home: string;
  databaseUrl: string;
  dispose(): Promise<void>;
}

/** Starts them. The web app must have been built. */
export async function startSharedService({
  webs,
  workers,
  env = {},
}: {
  webs: number;
  workers: number;
  env?: Record<string, string>;
}): Promise<SharedService> {
  const home = mkdtempSync(join(tmpdir(), 'weighhouse shared '));
  const database = await startEmbeddedPostgres(home);
  const { databaseUrl } = database;
  await migrate(databaseUrl);
  const settings = { ...env, DATABASE_URL: databaseUrl, WEIGHHOUSE_HOME: home };
  const processes: SharedProcess[] = [];
  const start = async (program: 'web' | 'worker') => {
    const started = await startProcess(program, settings);
    processes.push(started);
    return started;
  };
  const service: SharedService = { webs: [], workers: [], home, databaseUrl, dispose };
  async function dispose(): Promise<void> {
    await Promise.all(processes.map((one) => one.kill9()));
    await database.stop();
    rmSync(home, { recursive: true, force: true });
  }
  try {
    service.webs = await Promise.all(Array.from({ length: webs }, () => start('web')));
    service.workers = await Promise.all(Array.from({ length: workers }, () => start('worker')));
    return service;
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function startProcess(program: 'web' | 'worker', env: Record<string, string>): Promise<SharedProcess> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const { VITEST: _, TEST: __, ...inherited } = process.env;
  let child: ChildProcess | null = null;
  const self: SharedProcess = {
    url,
    pid: () => child?.pid ?? 0,
    async kill9() {
      const running = child;
      child = null;
      if (running === null || running.exitCode !== null || running.signalCode !== null) return;
      const ended = once(running, 'exit');
      running.kill('SIGKILL');
      await ended;
    },
    async start() {
      let output = '';
      const running = spawn(process.execPath, [findProgram(program)], {
        cwd: projectRoot(),
        env: {
          ...inherited,
          NODE_ENV: 'production',
          NODE_NO_WARNINGS: '1',
          LOG_LEVEL: 'warn',
          HOST: '127.0.0.1',
          PORT: String(port),
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = running;
      for (const stream of [running.stdout, running.stderr])
        stream?.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      if (program === 'worker') return;
      const isReady = async () => {
        if (running.exitCode !== null) throw new Error(`The ${program} process did not start:\n${output}`);
        return await fetch(`${url}/api/health`).then(
          (response) => response.ok,
          () => false,
        );
      };
      await waitFor(isReady, (ready) => ready);
    },
  };
  await self.start();
  return self;
}
