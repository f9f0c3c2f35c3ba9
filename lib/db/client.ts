import { PrismaPg } from '@prisma/adapter-pg';
import { config } from '../config.ts';
import { AppError } from '../errors.ts';
import { type Prisma, PrismaClient } from './generated/client.ts';

export type { PrismaClient };
/** What runs inside a transaction: everything of the client but opening another. */
export type Tx = Prisma.TransactionClient;

/** A client of its own on one database; close it with `$disconnect()`. */
export function openClient(databaseUrl: string): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: databaseUrl }),
    // The tensor table of a large model is megabytes, and a busy machine is slow to take them.
    transactionOptions: { maxWait: 10_000, timeout: 60_000 },
  });
}

let shared: PrismaClient | undefined;

/** The client of this process, on the database of the settings. Throws where no database is named: the supervisor names it. */
export function db(): PrismaClient {
  if (shared === undefined) {
    const { databaseUrl } = config();
    if (databaseUrl === null) {
      throw new AppError(
        'unavailable',
        'No database configured. Start the service with `npm start`, or set DATABASE_URL.',
      );
    }
    shared = openClient(databaseUrl);
  }
  return shared;
}

export async function closeDb(): Promise<void> {
  await shared?.$disconnect();
  shared = undefined;
}
