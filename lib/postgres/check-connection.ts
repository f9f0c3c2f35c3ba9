import { Client } from 'pg';
import { AppError } from '../errors.ts';

const CONNECT_MS = 10_000;

/** Throws AppError `unavailable` with one line that says what is wrong with DATABASE_URL; never with its password. */
export async function checkConnection(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_MS });
  // A server that closes the connection later is nobody's error here.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new AppError(
      'unavailable',
      `Cannot connect to the database at ${client.host}:${client.port} (${message || code}). Correct DATABASE_URL, or remove it to use the embedded PostgreSQL.`,
    );
  }
  await client.end();
}
