import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbeddedPostgres } from '#lib/postgres/index.ts';

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'weighhouse home '));
});
afterAll(() => rm(home, { recursive: true, force: true }));

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}

it('keeps its data when the process that started it is gone and PostgreSQL lives on', async () => {
  const first = await startEmbeddedPostgres(home);
  await ask(first.databaseUrl, "CREATE TABLE kept AS SELECT 'weights' AS word");
  const pidOf = () => readFileSync(join(home, 'postgres', 'postmaster.pid'), 'utf8').split('\n', 1)[0];
  const firstPid = pidOf();

  // Not stopped: as after `kill -9` of the service, the old server still holds the folder.
  const second = await startEmbeddedPostgres(home);

  expect(pidOf()).not.toBe(firstPid);
  expect(await ask(second.databaseUrl, 'SELECT word FROM kept')).toEqual([{ word: 'weights' }]);
  await expect(ask(first.databaseUrl, 'SELECT 1')).rejects.toThrow();
  await second.stop();
  expect(existsSync(join(home, 'postgres', 'postmaster.pid'))).toBe(false);
});

it('keeps the password to itself', () => {
  expect(statSync(join(home, 'postgres-password')).mode & 0o077).toBe(0);
});

it('says in one line what is wrong with the data folder', async () => {
  const file = join(home, 'a file');
  await writeFile(file, '');
  await expect(startEmbeddedPostgres(join(file, 'data'))).rejects.toThrow(
    /^The data folder .* cannot be created \(ENOTDIR\)\. Set WEIGHHOUSE_HOME/,
  );
});
