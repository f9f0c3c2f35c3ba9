import type { Client } from 'pg';
import { config } from '../config.ts';

const ANSWER_MS = 5000;

let kept: Promise<Client> | null = null;
let asked: Promise<boolean> | null = null;

/**
 * Whether the database of the settings answers within a few seconds. One connection is kept for this question, so that
 * it costs less than a millisecond and waits for no other; all who ask at once get one answer.
 */
export function isDatabaseUp(): Promise<boolean> {
  asked ??= ask().finally(() => {
    asked = null;
  });
  return asked;
}

async function ask(): Promise<boolean> {
  const { databaseUrl } = config();
  if (databaseUrl === null) return false;
  // The end of a server that is back since may not have been heard of yet.
  return (kept !== null && (await answers(kept))) || (await answers(connect(databaseUrl)));
}

function connect(databaseUrl: string): Promise<Client> {
  const connection = open(databaseUrl, () => forget(connection));
  kept = connection;
  return connection;
}

async function open(databaseUrl: string, onEnd: () => void): Promise<Client> {
  // An idle web server has no use for it.
  const { newConnection } = await import('./connection.ts');
  const client = newConnection(databaseUrl, {
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
  });
  client.on('end', onEnd);
  await client.connect();
  return client;
}

async function answers(connection: Promise<Client>): Promise<boolean> {
  try {
    await (await connection).query('SELECT 1');
    return true;
  } catch {
    forget(connection);
    return false;
  }
}

function forget(connection: Promise<Client> | null): void {
  if (kept === connection) kept = null;
  connection?.then((client) => client.end()).catch(() => {});
}
