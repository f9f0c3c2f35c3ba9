import { isSystemError } from '#scanner/errors.ts';
import { newConnection } from '../db/index.ts';
import { AppError } from '../errors.ts';

const CONNECT_MS = 10_000;

/** Throws AppError `unavailable` with one line that says what is wrong with DATABASE_URL; never with its password. */
export async function checkConnection(databaseUrl: string): Promise<void> {
  const client = newConnection(databaseUrl, { connectionTimeoutMillis: CONNECT_MS });
  try {
    await client.connect();
  } catch (error) {
    // Where it tried several addresses, the error of them all has a code and no words.
    const words = error instanceof Error ? error.message : String(error);
    throw new AppError(
      'unavailable',
      `Cannot connect to the database at ${client.host}:${client.port} (${words || (isSystemError(error) ? error.code : 'unknown')}). Correct DATABASE_URL, or remove it to use the embedded PostgreSQL.`,
    );
  }
  await client.end();
}
