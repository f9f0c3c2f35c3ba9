import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from './generated/client.ts';

export type { PrismaClient };
/** What runs inside a transaction: everything of the client but opening another. */
export type Tx = Prisma.TransactionClient;

/** A client of its own on one database; close it with `$disconnect()`. */
export function openClient(databaseUrl: string): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl }) });
}
