import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { closeDb } from '#lib/db/index.ts';
import { makeTestDatabase } from './database.ts';
import { checkStore } from './intact-store.ts';

/**
 * Settings for a test file that uses the service's own functions: a database and a data folder of its own. Call it at
 * the top, before anything asks for a setting. In the end the store must be intact, whatever came into it.
 */
export async function useTestEnvironment(
  settings: Record<string, string> = {},
): Promise<{ home: string; databaseUrl: string }> {
  const databaseUrl = await makeTestDatabase();
  const home = mkdtempSync(join(tmpdir(), 'weighhouse home '));
  Object.assign(process.env, { LOG_LEVEL: 'silent', ...settings, DATABASE_URL: databaseUrl, WEIGHHOUSE_HOME: home });
  afterAll(async () => {
    await closeDb();
    checkStore(home);
    rmSync(home, { recursive: true, force: true });
  });
  return { home, databaseUrl };
}
