import { setTimeout as wait } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { config } from '../config.ts';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { type Prisma, PrismaClient } from './generated/client.ts';

export type { PrismaClient };
/** What runs inside a transaction: everything of the client but opening another. */
export type Tx = Prisma.TransactionClient;

const CONNECT_MS = 10_000;
const RETRY_MS = 1000;

/** A client of its own on one database; close it with `$disconnect()`. `settings` are those of PostgreSQL. */
export function openClient(databaseUrl: string, settings: Readonly<Record<string, string>> = {}): PrismaClient {
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return new PrismaClient({
    // A server that vanished without a word must be noticed, too.
    adapter: new PrismaPg({
      connectionString: databaseUrl,
      ...(options.length === 0 ? {} : { options: options.join(' ') }),
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: CONNECT_MS,
    }),
    // The tensor table of a large model is megabytes, and a busy machine is slow to take them.
    transactionOptions: { maxWait: 10_000, timeout: 60_000 },
  });
}

let shared: PrismaClient | undefined;
let searching: PrismaClient | undefined;

/** The client of this process, on the database of the settings. Throws where no database is named: the supervisor names it. */
export function db(): PrismaClient {
  shared ??= openClient(databaseOfSettings());
  return shared;
}

/**
 * Of searches. What anybody may ask for at any time costs the database a second at most, and is planned for tables that are in
 * memory and small answers: compiling a plan takes longer than running it.
 */
const SEARCH_SETTINGS = { statement_timeout: '1000', jit: 'off', random_page_cost: '1.1' };

/** The same for searches: a statement that takes longer than a second fails (see `isStatementTimeout`). */
export function searchDb(): PrismaClient {
  searching ??= openClient(databaseOfSettings(), SEARCH_SETTINGS);
  return searching;
}

function databaseOfSettings(): string {
  const { databaseUrl } = config();
  if (databaseUrl === null) {
    throw new AppError(
      'unavailable',
      'No database configured. Start the service with `npm start`, or set DATABASE_URL.',
    );
  }
  return databaseUrl;
}

export async function closeDb(): Promise<void> {
  await Promise.all([shared?.$disconnect(), searching?.$disconnect()]);
  shared = undefined;
  searching = undefined;
}

/** Waits until the database of the settings answers, however long that takes. False where `stopped` resolved first. */
export async function waitForDatabase(stopped: Promise<void>): Promise<boolean> {
  let isStopped = false;
  const end = stopped.then(() => {
    isStopped = true;
  });
  for (let isFirst = true; !isStopped; isFirst = false) {
    try {
      await db().$queryRaw`SELECT 1`;
      return true;
    } catch (error) {
      if (isFirst) log('db').warn({ error: (error as Error).message }, 'The database does not answer; waiting for it.');
    }
    await Promise.race([end, wait(RETRY_MS)]);
  }
  return false;
}
