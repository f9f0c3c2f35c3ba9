import { Client, type ClientConfig } from 'pg';

/**
 * A connection of its own, still to be connected. One that is lost while nobody asks anything tells an error to nobody,
 * which would end the process; whoever asks next is told.
 */
export function newConnection(databaseUrl: string, options: ClientConfig = {}): Client {
  const client = new Client({ ...options, connectionString: databaseUrl });
  client.on('error', () => {});
  return client;
}
