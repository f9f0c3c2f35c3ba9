import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { askServer } from '../db/index.ts';
import { type EmbeddedDatabase, MissingDatabase, startEmbeddedPostgres } from '../postgres/index.ts';
import { isSignOfLife } from '../process/index.ts';
import type { Ending, Part, Running } from './keep-running.ts';

const KILL_AFTER_MS = 15_000;
const PROBE_MS = 5000;

export interface ProgramOptions {
  name: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** False where something stands between, so that no sign of life arrives: it is only restarted when it ends. */
  isHeard?: boolean;
}

/** A Node process of the service, which says by its channel that it is ready and alive. */
export function programPart({ name, args, env, cwd, isHeard = true }: ProgramOptions): Part {
  return {
    name,
    start(onAlive) {
      const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      let becomeReady = () => {};
      const isReady = new Promise<void>((resolve) => {
        becomeReady = resolve;
      });
      child.on('message', (message) => {
        if (!isSignOfLife(message)) return;
        onAlive();
        if (message === 'ready') becomeReady();
      });
      const ended = new Promise<Ending>((resolve) => {
        child.once(
          'error',
          (error) => child.pid === undefined && resolve({ how: `it could not be started: ${error.message}` }),
        );
        child.once('exit', (code, signal) =>
          resolve({ how: signal === null ? `it exited with code ${code}` : `it was ended by ${signal}` }),
        );
      });
      const unheard = isHeard ? null : setInterval(onAlive, 1000);
      if (unheard !== null) becomeReady();
      void ended.then(() => clearInterval(unheard ?? undefined));
      return {
        ready: Promise.race([isReady, ended.then(({ how }) => Promise.reject(new Error(how)))]),
        ended,
        async stop() {
          if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
          const exited = once(child, 'exit');
          child.kill('SIGTERM');
          const deadline = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
          await exited;
          clearTimeout(deadline);
        },
        kill: () => child.kill('SIGKILL'),
      };
    },
  };
}

export interface PostgresPart extends Part {
  /** The one that runs already, as the part's first run. */
  first(onAlive: () => void): Running;
  databaseUrl: string;
}

/**
 * The embedded PostgreSQL of a data folder, started: its address is known from here on and stays the same through
 * restarts. Throws what starting it throws.
 */
export async function startPostgresPart(home: string): Promise<PostgresPart> {
  const kill = new AbortController();
  const first = await startEmbeddedPostgres(home, { kill: kill.signal });
  const { databaseUrl } = first;
  const port = Number(new URL(databaseUrl).port);
  const run = (server: Promise<EmbeddedDatabase>, killing: AbortController, onAlive: () => void): Running => {
    const probe = setInterval(async () => {
      const answer = await askServer(databaseUrl);
      if (answer === 'up' || answer === 'busy') onAlive();
      // Somebody told it to wait until the last connection is closed, and ours stay open: it is hurried on.
      if (answer === 'shutting down') void server.then((running) => running.stop()).catch(() => {});
    }, PROBE_MS);
    const ended = server
      .then(
        async (running): Promise<Ending> => ({ how: await running.ended }),
        (error: Error): Ending => ({ how: error.message, isFinal: error instanceof MissingDatabase }),
      )
      .finally(() => clearInterval(probe));
    return {
      ready: server.then(() => {}),
      ended,
      stop: async () => void (await server.then((running) => running.stop()).catch(() => {})),
      kill: () => killing.abort(),
    };
  };
  return {
    name: 'PostgreSQL',
    databaseUrl,
    first: (onAlive) => run(Promise.resolve(first), kill, onAlive),
    start(onAlive) {
      const killing = new AbortController();
      // Its data was there a moment ago. Where it is gone, an empty database would not be what everybody lost.
      return run(startEmbeddedPostgres(home, { port, mayCreate: false, kill: killing.signal }), killing, onAlive);
    },
  };
}
