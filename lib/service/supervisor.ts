import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { ensureAdmin } from '../accounts/index.ts';
import { config } from '../config.ts';
import { closeDb, isDatabaseOutage, waitForDatabase } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { checkConnection, migrate } from '../postgres/index.ts';
import { findProgram, projectRoot, waitForStopRequest } from '../process/index.ts';
import { stopQueue } from '../queue/index.ts';
import { clearScratchFolders } from '../worker/index.ts';
import { claimHome } from './claim-home.ts';
import { fillWithDemo } from './demo.ts';
import { EXIT } from './exit-codes.mjs';
import { describeFirstAccount } from './first-account.ts';
import { type Kept, keepRunning, LIMITS, type Limits } from './keep-running.ts';
import { programPart, startPostgresPart } from './parts.ts';

const ROOT = projectRoot();
const READY_MS = 120_000;
/** A worker that takes longer is not waited for: the catalog can be used without one. */
const WORKER_MS = 30_000;
/** The worker waits for other processes, which do the work: room for many new values is 25 MiB that it has no use for. */
const WORKER_FLAGS = ['--max-semi-space-size=2'];

export interface ServiceOptions {
  /** Fill an empty catalog with small models, so that every state can be seen. */
  demo: boolean;
  /** Serve the pages from source, with reload. */
  development: boolean;
}

/**
 * The whole service in one command: PostgreSQL (unless DATABASE_URL names one), migrations, the web server and one
 * worker. Returns when it was told to stop and everything has stopped. Throws AppError with one clear line when it
 * cannot start.
 */
export async function runService(options: ServiceOptions): Promise<void> {
  const stopped = waitForStopRequest();
  const { port, host, home } = config();
  await checkPort(port, host);
  const releaseHome = await claimHome(home);
  try {
    await runOn(home, options, stopped);
  } finally {
    releaseHome();
  }
}

/** A part of the service that ended again and again: with the exit code that says which. */
export class ServiceFailure extends AppError {
  override readonly name = 'ServiceFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super('unavailable', message);
    this.exitCode = exitCode;
  }
}

async function runOn(home: string, { demo, development }: ServiceOptions, stopped: Promise<void>): Promise<void> {
  const { port, host } = config();
  const limits = { ...LIMITS, silence: config().stuckAfterSeconds };
  const database = await openDatabase(home, limits);
  const env = { ...process.env, DATABASE_URL: config().databaseUrl ?? '', WEIGHHOUSE_HOME: home };
  try {
    await persist(() => migrate(config().databaseUrl ?? ''), stopped);
    await persist(ensureAdmin, stopped);
    await clearScratchFolders();

    const web = keepRunning(
      programPart({
        name: 'The web server',
        args: [findProgram('web')],
        env: { ...env, NODE_ENV: development ? 'development' : 'production', NEXT_TELEMETRY_DISABLED: '1' },
        cwd: ROOT,
      }),
      limits,
    );
    const reload = development ? ['--watch', '--watch-preserve-output'] : [];
    const worker = keepRunning(
      programPart({
        name: 'The worker',
        args: [...reload, ...WORKER_FLAGS, findProgram('worker')],
        env,
        cwd: ROOT,
        isHeard: !development,
      }),
      limits,
    );
    const failed = Promise.race([
      ...(database === null ? [] : [failure(database, EXIT.database)]),
      failure(web, EXIT.process),
      failure(worker, EXIT.process),
    ]);
    failed.catch(() => {});
    const until = <T>(event: Promise<T>) => Promise.race([event, failed]);
    try {
      const url = `http://localhost:${port}`;
      const ready = Promise.all([waitUntilReady(web), Promise.race([worker.ready, wait(WORKER_MS)])]);
      const stopRequested = await until(Promise.race([stopped.then(() => true as const), ready]));
      if (stopRequested !== true) {
        announce(url, host, await until(persist(() => describeFirstAccount(url), stopped)));
        if (demo) await until(persist(fillWithDemo, stopped));
        await until(stopped);
      }
      console.log('\nStopping…');
    } finally {
      await Promise.all([web.stop(), worker.stop()]);
    }
  } finally {
    // A database that is gone must not keep the service from ending.
    await Promise.all([stopQueue(), closeDb()]).catch((error: Error) =>
      log('supervisor').warn({ error: error.message }, 'The database connections could not be closed.'),
    );
    await database?.stop();
  }
}

/** Does something with the database, and again where that went away meanwhile. Rejects when told to stop before it is back. */
async function persist<T>(work: () => Promise<T>, stopped: Promise<void>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseOutage(error) || !(await waitForDatabase(stopped))) throw error;
    }
  }
}

/** Rejects when the part cannot be brought back. */
async function failure(part: Kept, exitCode: number): Promise<never> {
  throw new ServiceFailure(`${await part.givenUp}. The service ends (exit code ${exitCode}).`, exitCode);
}

/** The embedded PostgreSQL, kept running; null where the settings name another. */
async function openDatabase(home: string, limits: Limits): Promise<Kept | null> {
  const { databaseUrl } = config();
  if (databaseUrl !== null) {
    await checkConnection(databaseUrl);
    return null;
  }
  const postgres = await startPostgresPart(home);
  config().databaseUrl = postgres.databaseUrl;
  return keepRunning(postgres, limits, postgres.first);
}

/** Asked before anything is started: a busy port is the most common reason why nothing comes up. */
function checkPort(port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be opened (${error.code})`;
      reject(
        new AppError(
          'unavailable',
          `Port ${port} ${reason}. Set another port, for example PORT=${port + 1} npm start.`,
        ),
      );
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/** By its own word: a request would load what the first visitor may not even need. */
async function waitUntilReady({ ready }: Kept): Promise<void> {
  const late = wait(READY_MS, undefined, { ref: false }).then(() => {
    throw new AppError(
      'unavailable',
      'The web server did not start within two minutes. See the messages above for the cause.',
    );
  });
  await Promise.race([ready, late]);
}

function announce(url: string, host: string, firstAccount: string | null): void {
  const { port } = new URL(url);
  const others = host === '0.0.0.0' ? lanAddresses().map((address) => `http://${address}:${port}`) : [];
  console.log(
    `\nWeighhouse is ready at ${url}${others.length > 0 ? ` (from other machines: ${others.join(', ')})` : ''}`,
  );
  if (firstAccount !== null) console.log(firstAccount);
  console.log('Press Ctrl-C to stop.');
}

function lanAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}
