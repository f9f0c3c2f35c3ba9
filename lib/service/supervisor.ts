import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ensureAdmin, hasAnyUser } from '../accounts/index.ts';
import { config } from '../config.ts';
import { closeDb } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { checkConnection, type EmbeddedDatabase, migrate, startEmbeddedPostgres } from '../postgres/index.ts';
import { findProgram, projectRoot, waitForStopRequest } from '../process/index.ts';
import { stopQueue } from '../queue/index.ts';
import { clearScratchFolders } from '../worker/index.ts';
import { keepRunning } from './children.ts';
import { claimHome } from './claim-home.ts';
import { fillWithDemo } from './demo.ts';

const ROOT = projectRoot();
const READY_MS = 120_000;
/**
 * The worker waits for other processes, which do the work. Room for many new values is 25 MiB that it has no use for, and
 * Prisma's WebAssembly compiled once more, for speed, another 40 MiB.
 */
const WORKER_FLAGS = ['--max-semi-space-size=2', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

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

async function runOn(home: string, { demo, development }: ServiceOptions, stopped: Promise<void>): Promise<void> {
  const { port, host } = config();
  const embedded = await openDatabase(home);
  const env = { ...process.env, DATABASE_URL: config().databaseUrl ?? '', WEIGHHOUSE_HOME: home };
  try {
    await migrate(config().databaseUrl ?? '');
    await ensureAdmin();
    await clearScratchFolders();

    const web = keepRunning({
      name: 'web',
      args: [findProgram('web')],
      env: { ...env, NODE_ENV: development ? 'development' : 'production', NEXT_TELEMETRY_DISABLED: '1' },
      cwd: ROOT,
    });
    const reload = development ? ['--watch', '--watch-preserve-output'] : [];
    const worker = keepRunning({
      name: 'worker',
      args: [...reload, ...WORKER_FLAGS, findProgram('worker')],
      env,
      cwd: ROOT,
    });
    try {
      const url = `http://localhost:${port}`;
      const stopRequested = await Promise.race([stopped.then(() => true), waitUntilReady(url)]);
      if (stopRequested !== true) {
        await announce(url, host);
        if (demo) await fillWithDemo();
        await stopped;
      }
      console.log('\nStopping…');
    } finally {
      await Promise.all([web.stop(), worker.stop()]);
    }
  } finally {
    await stopQueue();
    await closeDb();
    await embedded?.stop();
  }
}

async function openDatabase(home: string): Promise<EmbeddedDatabase | null> {
  const { databaseUrl } = config();
  if (databaseUrl !== null) {
    await checkConnection(databaseUrl);
    return null;
  }
  const embedded = await startEmbeddedPostgres(home);
  config().databaseUrl = embedded.databaseUrl;
  return embedded;
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

async function waitUntilReady(url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const ok = await fetch(`${url}/api/health`).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((next) => setTimeout(next, 250));
  }
  throw new AppError(
    'unavailable',
    'The web server did not start within two minutes. See the messages above for the cause.',
  );
}

async function announce(url: string, host: string): Promise<void> {
  const { port } = new URL(url);
  const others = host === '0.0.0.0' ? lanAddresses().map((address) => `http://${address}:${port}`) : [];
  console.log(
    `\nWeighhouse is ready at ${url}${others.length > 0 ? ` (from other machines: ${others.join(', ')})` : ''}`,
  );
  if (!(await hasAnyUser()))
    console.log(`Open ${url}/sign-up to create the first account, which becomes the administrator.`);
  console.log('Press Ctrl-C to stop.');
}

function lanAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address);
}
