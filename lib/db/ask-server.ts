import { DatabaseError } from 'pg';
import { newConnection } from './connection.ts';

/** How long a server that is well may take for its first word. */
const ANSWER_MS = 5000;

/**
 * What a server says at this address by a connection of its own: `up`; `busy` while it takes no connection because it is
 * starting or has none left; `shutting down`; `silent` where nobody listens, or the process that does is stuck.
 */
export async function askServer(databaseUrl: string): Promise<'up' | 'busy' | 'shutting down' | 'silent'> {
  const client = newConnection(databaseUrl, { connectionTimeoutMillis: ANSWER_MS });
  try {
    await client.connect();
    await client.end();
    return 'up';
  } catch (error) {
    if (!(error instanceof DatabaseError)) return 'silent';
    return error.message.includes('shutting down') ? 'shutting down' : 'busy';
  }
}
