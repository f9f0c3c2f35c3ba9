import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from 'pg';
import { isSystemError } from '#scanner/errors.ts';
import { newConnection } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { findFreePort } from './free-port.ts';
import { stopLeftover } from './leftover.ts';
import { startServer, WORKING_FOLDER } from './server.ts';

export interface EmbeddedDatabase {
  /** Connection string of the service's database. */
  databaseUrl: string;
  /** Connects to the server's own `postgres` database, to make or drop others. */
  adminUrl: string;
  /** The server's process. */
  pid: number;
  /** Resolves, when the server's process has ended for whatever reason, with how it ended and what it last said. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Of the loopback address; a free one unless given. */
  port?: number;
  /** Whether a missing data folder is made; true unless given. */
  mayCreate?: boolean;
  /** Ends the server without any order, whether it is ready yet or not. */
  kill?: AbortSignal;
}

/** The data folder has model files, or had a database a moment ago, and has none. */
export class MissingDatabase extends AppError {
  constructor(folder: string) {
    super(
      'unavailable',
      `The database folder ${folder} is missing, and the model files belong to it. Restore it from a backup. To start with an empty catalog, set WEIGHHOUSE_HOME to another folder.`,
    );
  }
}

const DATABASE = 'weighhouse';
const USER = 'weighhouse';

/**
 * Starts the PostgreSQL that npm installed, on a free port of the loopback address, with its data in `<home>/postgres`.
 * The folder is made when new. A server that an earlier, killed run left behind on the same folder is stopped first.
 * Throws AppError `unavailable` with the server's own words when it does not start, and where its data is missing beside
 * model files: an empty catalog in the place of a lost one would open sign-up to whoever comes first.
 */
export async function startEmbeddedPostgres(
  home: string,
  { port: wantedPort, mayCreate = true, kill }: EmbeddedOptions = {},
): Promise<EmbeddedDatabase> {
  const folder = join(home, 'postgres');
  await createHome(home);
  if (!existsSync(join(folder, 'PG_VERSION')) && (!mayCreate || (await hasModels(home)))) {
    throw new MissingDatabase(folder);
  }
  const password = await readOrCreatePassword(join(home, 'postgres-password'));
  await stopLeftover(folder);

  const port = wantedPort ?? (await findFreePort());
  const server = await startServer({ folder, port, user: USER, password, kill }).catch((error: unknown) => {
    if (error instanceof AppError) throw error;
    const words = error instanceof Error ? error.message : '';
    throw new AppError('unavailable', `The embedded PostgreSQL in ${folder} did not start: ${reasonIn(words)}`);
  });

  const address = `postgresql://${USER}:${password}@127.0.0.1:${port}`;
  const adminUrl = `${address}/postgres`;
  try {
    await ensureDatabase(adminUrl, DATABASE);
  } catch (error) {
    await server.stop();
    throw error;
  }
  const ended = server.ended.then(({ how, output }) => `${how}; its last words: ${reasonIn(output)}`);
  return { databaseUrl: `${address}/${DATABASE}`, adminUrl, pid: server.pid, ended, stop: () => server.stop() };
}

async function hasModels(home: string): Promise<boolean> {
  return (await readdir(join(home, 'blobs')).catch(() => [])).length > 0;
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
  const client = newConnection(url);
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
    await mkdir(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new AppError(
      'unavailable',
      `The data folder ${home} cannot be created (${isSystemError(error) ? error.code : error}). Set WEIGHHOUSE_HOME to a writable folder.`,
    );
  }
  // Under root PostgreSQL runs as a user of its own, who must be able to walk through where it cannot begin inside.
  if (process.getuid?.() === 0 && !existsSync(WORKING_FOLDER)) await chmod(home, (await stat(home)).mode | 0o011);
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
