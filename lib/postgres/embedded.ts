import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { isSystemError } from '#scanner/errors.ts';
import { AppError } from '../errors.ts';
import { findFreePort } from './free-port.ts';
import { startServer } from './server.ts';

export interface EmbeddedDatabase {
  /** Connection string of the service's database. */
  databaseUrl: string;
  /** Connects to the server's own `postgres` database, to make or drop others. */
  adminUrl: string;
  stop(): Promise<void>;
}

const DATABASE = 'weighhouse';
const USER = 'weighhouse';

/**
 * Starts the PostgreSQL that npm installed, on a free port of the loopback address, with its data in `<home>/postgres`.
 * The folder is made when new. A server that an earlier, killed run left behind on the same folder is stopped first.
 * Throws AppError `unavailable` with the server's own words when it does not start.
 */
export async function startEmbeddedPostgres(home: string): Promise<EmbeddedDatabase> {
  const folder = join(home, 'postgres');
  await createHome(home);
  const password = await readOrCreatePassword(join(home, 'postgres-password'));
  await stopLeftover(folder);

  const port = await findFreePort();
  const server = await startServer({ folder, port, user: USER, password }).catch((error: unknown) => {
    if (error instanceof AppError) throw error;
    const words = error instanceof Error ? error.message : '';
    throw new AppError('unavailable', `The embedded PostgreSQL in ${folder} did not start: ${reasonIn(words)}`);
  });

  const address = `postgresql://${USER}:${password}@127.0.0.1:${port}`;
  const adminUrl = `${address}/postgres`;
  await ensureDatabase(adminUrl, DATABASE);
  return { databaseUrl: `${address}/${DATABASE}`, adminUrl, stop: () => server.stop() };
}

/** Creates the database unless it is there. Names are ours, never a person's. */
export async function ensureDatabase(adminUrl: string, name: string, template = 'template1'): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) {
      await client.query(
        `CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE ${client.escapeIdentifier(template)}`,
      );
    }
  });
}

export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, (client) =>
    client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`),
  );
}

async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** One line of what the server said: the one that names the fault, or the last. */
function reasonIn(words: string): string {
  if (words.includes('No space left on device'))
    return 'the disk is full. Free some space, or set WEIGHHOUSE_HOME to a folder on another disk.';
  const lines = words.split('\n').map((line) => line.trim());
  const fault = lines.find((line) => /FATAL|PANIC|[Pp]ermission denied|could not|[Ee]rror:/.test(line));
  return fault ?? lines.findLast((line) => line !== '') ?? 'no reason given.';
}

async function createHome(home: string): Promise<void> {
  try {
    await mkdir(home, { recursive: true });
  } catch (error) {
    throw new AppError(
      'unavailable',
      `The data folder ${home} cannot be created (${isSystemError(error) ? error.code : error}). Set WEIGHHOUSE_HOME to a writable folder.`,
    );
  }
  // Under root PostgreSQL runs as a user of its own, who must be able to walk through.
  if (process.getuid?.() === 0) await chmod(home, (await stat(home)).mode | 0o011);
}

async function readOrCreatePassword(path: string): Promise<string> {
  if (existsSync(path)) return (await readFile(path, 'utf8')).trim();
  const password = randomBytes(24).toString('hex');
  try {
    await writeFile(path, password, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new AppError(
      'unavailable',
      `The data folder is not writable: ${(error as Error).message}. Free some space, or set WEIGHHOUSE_HOME to another folder.`,
    );
  }
  await chmod(path, 0o600);
  return password;
}

/**
 * After `kill -9` of the service PostgreSQL lives on and holds the folder. It is asked to stop (SIGINT: a fast
 * shutdown that loses nothing committed), and killed after ten seconds.
 */
async function stopLeftover(folder: string): Promise<void> {
  const pidFile = join(folder, 'postmaster.pid');
  if (!existsSync(pidFile)) return;

  const pid = Number.parseInt((await readFile(pidFile, 'utf8')).split('\n', 1)[0] ?? '', 10);
  const isAlive = (signal: NodeJS.Signals | 0) => {
    try {
      return process.kill(pid, signal);
    } catch {
      return false;
    }
  };
  if (!(pid > 1) || !(await isPostgresOf(pid, folder)) || !isAlive('SIGINT')) {
    await rm(pidFile, { force: true });
    return;
  }
  for (let waited = 0; isAlive(0) && waited < 10_000; waited += 100) await new Promise((next) => setTimeout(next, 100));
  if (isAlive(0)) isAlive('SIGKILL');
}

/** A process id may belong to somebody else by now; where the system tells, its command line must name our folder. */
async function isPostgresOf(pid: number, folder: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes(folder);
  } catch {
    return process.platform !== 'linux';
  }
}
