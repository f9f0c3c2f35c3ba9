import { Client } from 'pg';
import { expect, it } from 'vitest';
import { diffFromDatabase, migrate } from '#lib/postgres/index.ts';
import { makeTestDatabase } from '../../support/database.ts';

const databaseUrl = await makeTestDatabase();

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const NAME = '20261130180000_workers';

it('begins a migration again that was cut off', async () => {
  await ask(`DROP TABLE worker; UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0
    WHERE migration_name = '${NAME}'`);
  expect(await migrate(databaseUrl)).toEqual([NAME]);
  expect(await diffFromDatabase(databaseUrl)).toBe('');
});
