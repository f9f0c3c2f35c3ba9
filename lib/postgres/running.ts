import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newConnection } from '../db/index.ts';

/**
 * The connection string of the embedded server that runs on the data folder `home` at this moment, as its own
 * `postmaster.pid` (line 4: the port) says; null where none answers.
 */
export async function findRunningPostgres(home: string): Promise<string | null> {
  try {
    const lines = (await readFile(join(home, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
    const password = (await readFile(join(home, 'postgres-password'), 'utf8')).trim();
    const databaseUrl = `postgresql://weighhouse:${password}@127.0.0.1:${Number(lines[3])}/weighhouse`;
    const client = newConnection(databaseUrl, { connectionTimeoutMillis: 5000 });
    await client.connect();
    await client.end();
    return databaseUrl;
  } catch {
    return null;
  }
}
