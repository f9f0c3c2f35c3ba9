import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { findFreePort, findRunningPostgres } from '#lib/postgres/index.ts';
import { HANG_MS } from '../limits.ts';
import { findChild, PROGRAMS, startTestService } from '../service.ts';
import { waitFor } from '../wait-for.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const STAGE = /ingest\/child\.[jt]s/;

/** What can be killed. */
export const VICTIMS = ['web', 'worker', 'stage', 'supervisor', 'postmaster', 'backend'] as const;
export type Victim = (typeof VICTIMS)[number];

/** A service with two web servers and two workers on one PostgreSQL; all of it is brought back when it is killed. */
export interface Cluster {
  home: string;
  /** Of both web servers. */
  urls: readonly [string, string];
  /** Kills one process of a kind. False where none runs at this moment. */
  kill(victim: Victim, choose: (count: number) => number): Promise<boolean>;
  /** Waits until both web servers and the database answer. */
  untilReady(): Promise<void>;
  query<Row extends object>(sql: string): Promise<Row[]>;
  output(): string;
  dispose(): Promise<void>;
}

/** Starts the cluster: what `npm start` runs, and `weighhouse web` and `weighhouse worker` beside it. */
export async function startCluster(): Promise<Cluster> {
  const service = await startTestService({ env: { WEIGHHOUSE_PREVIEWS: 'off', LOG_LEVEL: 'error' } });
  const port = await findFreePort();
  const urls = [service.url, `http://localhost:${port}`] as const;
  let output = '';
  const beside: { part: 'web' | 'worker'; child: ChildProcess }[] = [];
  let isDisposing = false;

  /** As systemd would: started again whenever it ends, on the database that runs now. */
  const keep = (part: 'web' | 'worker') => {
    const start = async () => {
      const databaseUrl = await waitFor(
        () => findRunningPostgres(service.home),
        (url) => url !== null || isDisposing,
      );
      if (isDisposing || databaseUrl === null) return;
      const { VITEST: _, TEST: __, ...inherited } = process.env;
      const child = spawn(process.execPath, [join(ROOT, 'bin/weighhouse.mjs'), part], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...inherited,
          NODE_ENV: 'production',
          NODE_NO_WARNINGS: '1',
          DATABASE_URL: databaseUrl,
          WEIGHHOUSE_HOME: service.home,
          WEIGHHOUSE_PREVIEWS: 'off',
          LOG_LEVEL: 'error',
          PORT: String(port),
          HOST: '127.0.0.1',
        },
      });
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      const entry = { part, child };
      beside.push(entry);
      child.once('exit', () => {
        beside.splice(beside.indexOf(entry), 1);
        if (!isDisposing) setTimeout(() => void start(), 200);
      });
    };
    void start();
  };
  keep('web');
  keep('worker');

  const pidsOf = (victim: Victim): number[] => {
    const besides = (part: 'web' | 'worker') =>
      beside.flatMap(({ part: kind, child }) => (kind === part && child.pid !== undefined ? [child.pid] : []));
    const postmaster = service.partPid('postgres');
    const workers = [service.partPid('worker'), ...besides('worker')];
    const pids = {
      web: () => [service.partPid('web'), ...besides('web').map((pid) => findChild(pid, PROGRAMS.web))],
      worker: () => workers,
      stage: () => workers.flatMap((pid) => childrenOf(pid, STAGE)),
      supervisor: () => [service.pid()],
      postmaster: () => [postmaster],
      backend: () => childrenOf(postmaster, /weighhouse weighhouse/),
    };
    return pids[victim]().filter((pid) => pid > 0);
  };

  const cluster: Cluster = {
    home: service.home,
    urls,
    async kill(victim, choose) {
      const pids = pidsOf(victim);
      const pid = pids[choose(pids.length)];
      if (pid === undefined) return false;
      if (victim === 'supervisor') {
        await service.kill9();
        await service.start();
        // They were told an address that nobody listens at any more.
        for (const { child } of beside) child.kill('SIGKILL');
        return true;
      }
      try {
        process.kill(pid, 'SIGKILL');
        return true;
      } catch {
        return false;
      }
    },
    async untilReady() {
      for (const url of urls)
        await waitFor(
          () =>
            fetch(`${url}/api/ready`).then(
              async (response) => [response.status, await response.text()],
              (error) => [0, String(error)],
            ),
          ([status]) => status === 200,
          250,
        );
    },
    async query(sql) {
      for (const end = Date.now() + HANG_MS; ; ) {
        const client = new pg.Client({ connectionString: (await findRunningPostgres(service.home)) ?? '' });
        client.on('error', () => {});
        try {
          await client.connect();
          return (await client.query(sql)).rows;
        } catch (error) {
          if (Date.now() > end) throw error;
          await wait(1000);
        } finally {
          await client.end().catch(() => {});
        }
      }
    },
    output: () => service.output() + output,
    async dispose() {
      isDisposing = true;
      const ended = beside.map(({ child }) => new Promise((resolve) => child.once('exit', resolve)));
      for (const { child } of beside) child.kill('SIGTERM');
      await Promise.all(ended);
      await service.dispose();
    },
  };
  await cluster.untilReady();
  return cluster;
}

function childrenOf(parent: number, program: RegExp): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!(pid > 0)) return false;
      try {
        const [, ppid] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
        return Number(ppid) === parent && program.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
      } catch {
        return false;
      }
    });
}
