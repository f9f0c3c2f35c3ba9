import { Client } from 'pg';
import { expect, it } from 'vitest';
import { openClient } from '#lib/db/index.ts';
import { diffFromDatabase, migrate } from '#lib/postgres/index.ts';
import { makeTestDatabase } from '../../support/database.ts';

it('brings an empty database to the schema, once', async () => {
  const databaseUrl = await makeTestDatabase('template1');
  expect(await diffFromDatabase(databaseUrl)).toContain('CREATE TABLE "model"');

  const applied = await migrate(databaseUrl);

  expect(applied).toContain('20261123110000_catalog');
  expect(await migrate(databaseUrl)).toEqual([]);
  expect(await diffFromDatabase(databaseUrl)).toBe('');
});

it.each<[string, string, RegExp]>([
  ['failed', "UPDATE _prisma_migrations SET finished_at = NULL, logs = 'it says why'", /failed/],
  [
    'did not come to its end, and cannot begin again,',
    'UPDATE _prisma_migrations SET finished_at = NULL',
    /already exists/,
  ],
  ['was not applied', 'DELETE FROM _prisma_migrations', /./],
  ['was taken back', 'UPDATE _prisma_migrations SET rolled_back_at = now()', /./],
])('does not go on where one migration %s', async (_, change, words) => {
  const databaseUrl = await makeTestDatabase();
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`${change} WHERE migration_name = '20261128150000_previews'`);
  await client.end();
  // Its tables are there already, so to apply it once more fails.
  await expect(migrate(databaseUrl)).rejects.toThrow(words);
});

it('serves the client that was generated from the same schema', async () => {
  const client = openClient(await makeTestDatabase());
  try {
    const sha256 = 'c1f3ae23fadd088654c883988914b92baefd16f30ddc8dc4c9c6a10f24193036';
    await client.blob.create({ data: { sha256, size: 5_214_865_159n } });

    expect(await client.blob.findUnique({ where: { sha256 } })).toMatchObject({ size: 5_214_865_159n, autoV1: null });
    await expect(client.blob.create({ data: { sha256, size: 1n } })).rejects.toThrow(/Unique constraint/);
  } finally {
    await client.$disconnect();
  }
});
