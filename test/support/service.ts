import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '#lib/postgres/index.ts';
import { compileCacheFolder } from '#scripts/compile-cache.mjs';
import { checkStore } from './intact-store.ts';
import { HANG_MS } from './limits.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export interface TestServiceOptions {
  /** Fill the catalog with the demo models. */
  demo?: boolean;
  /** More environment variables, such as WEIGHHOUSE_SIGN_UP. */
  env?: Record<string, string>;
  /** The port to listen on, where something has to know it before; a free one otherwise. */
  port?: number;
}

/** The whole service: supervisor, embedded PostgreSQL, web server and worker. */
export interface TestService {
  url: string;
  /** Its data folder, which stays until `dispose`. */
  home: string;
  /** Of the supervisor. */
  pid(): number;
  /** Of one of its processes; 0 while it does not run. Linux alone tells. */
  partPid(part: 'web' | 'worker' | 'postgres'): number;
  /** Everything it has printed. */
  output(): string;
  /** The exit status of the supervisor, once it ended by itself or otherwise. */
  exitCode(): Promise<number | null>;
  /** What Ctrl-C does. Resolves to the exit status when all is stopped. */
  stop(): Promise<number | null>;
  /** Ends the supervisor, and nothing else, without a warning. */
  kill9(): Promise<void>;
  /** Starts it again on the same port and data folder. */
  start(): Promise<void>;
  /** Stops it, looks whether its store is intact, and removes its data. */
  dispose(): Promise<void>;
}

/** Starts the service on a free port with a data folder of its own. The web app and the bundle must have been made. */
export async function startTestService({
  demo = false,
  env = {},
  port: wantedPort,
}: TestServiceOptions = {}): Promise<TestService> {
  const home = mkdtempSync(join(tmpdir(), 'weighhouse service '));
  const port = wantedPort ?? (await findFreePort());
  const url = `http://localhost:${port}`;
  const settings = { PORT: String(port), HOST: '127.0.0.1', WEIGHHOUSE_HOME: home, LOG_LEVEL: 'warn', ...env };
  let child: ChildProcess | null = null;
  let exit: Promise<number | null> = Promise.resolve(null);
  let output = '';

  const ended = (running: ChildProcess) =>
    new Promise<number | null>((resolve) => {
      if (running.exitCode !== null || running.signalCode !== null) resolve(running.exitCode);
      else running.once('exit', resolve);
    });
  const end = async (signal: NodeJS.Signals) => {
    if (child === null) return null;
    const running = child;
    child = null;
    running.kill(signal);
    return ended(running);
  };
  const service: TestService = {
    url,
    home,
    pid: () => child?.pid ?? 0,
    partPid: (part) => findChild(child?.pid ?? 0, PROGRAMS[part]),
    output: () => output,
    exitCode: () => exit,
    stop: () => end('SIGINT'),
    kill9: async () => void (await end('SIGKILL')),
    async start() {
      const running = runService(settings, demo ? ['--demo'] : []);
      child = running;
      exit = ended(running);
      const from = output.length;
      for (const stream of [running.stdout, running.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      }
      const deadline = Date.now() + HANG_MS;
      // Models of the demo are added one after the other, and the first may have its verdict before the last is there.
      const isReady = demo ? /demo models were added/ : /Weighhouse is ready/;
      while (!isReady.test(output.slice(from))) {
        if (running.exitCode !== null || Date.now() > deadline) {
          await end('SIGINT');
          throw new Error(`The service did not start:\n${output}`);
        }
        await new Promise((next) => setTimeout(next, 50));
      }
    },
    async dispose() {
      await service.stop();
      checkStore(home);
      rmSync(home, { recursive: true, force: true });
    },
  };
  await service.start();
  return service;
}

/** What stands in the command lines of the service's processes. */
export const PROGRAMS = { web: /app\/server\.[jt]s/, worker: /worker\/main\.[jt]s/, postgres: /bin\/postgres/ };

/** The child of a process whose command line matches; 0 where there is none. */
export function findChild(parent: number, program: RegExp): number {
  for (const pid of readdirSync('/proc').map(Number)) {
    if (!(pid > 0)) continue;
    try {
      const [, ppid] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      if (Number(ppid) === parent && program.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return pid;
    } catch {
      // It ended meanwhile.
    }
  }
  return 0;
}

/** The supervisor as `npm start` runs it, from the bundle, under the Node that runs the tests; its output is piped. */
export function runService(settings: Record<string, string>, args: readonly string[] = []): ChildProcess {
  // Libraries behave otherwise where these say that a test runs: better-auth checks no origins then.
  const { VITEST: _, TEST: __, ...inherited } = process.env;
  const cache = compileCacheFolder();
  return spawn(process.execPath, [join(ROOT, 'dist/lib/service/main.js'), ...args], {
    cwd: ROOT,
    env: {
      ...inherited,
      NODE_ENV: 'production',
      DATABASE_URL: '',
      NODE_NO_WARNINGS: '1',
      ...(cache === null ? {} : { NODE_COMPILE_CACHE: cache }),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
