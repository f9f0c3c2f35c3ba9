import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askServer, isDatabaseOutage, openClient, type PrismaClient } from '#lib/db/index.ts';
import { type EmbeddedDatabase, MissingDatabase, startEmbeddedPostgres } from '#lib/postgres/index.ts';

let home: string;
let server: EmbeddedDatabase;
let client: PrismaClient;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'weighhouse outage '));
  server = await startEmbeddedPostgres(home);
  client = openClient(server.databaseUrl);
});
afterAll(async () => {
  await client.$disconnect();
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

/** How a promise fails; fails itself where it does not. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => Promise.reject(new Error('It did not fail.')),
    (error: unknown) => error,
  );

/** Rejects when the statement on the connection of `pid` runs. */
const isRunning = async (marker: string) => {
  const rows = await client.$queryRaw<{ pid: number }[]>`
    SELECT pid FROM pg_stat_activity WHERE query LIKE ${`%${marker}%`} AND pid <> pg_backend_pid() AND state = 'active'`;
  return rows[0]?.pid ?? 0;
};

it('knows by every error of a database that went away that it did', async () => {
  const inFlight = failureOf(client.$queryRaw`SELECT pg_sleep(600)::text AS in_flight`);
  const inTransaction = failureOf(
    client.$transaction(async (tx) => await tx.$executeRaw`SELECT pg_sleep(600) AS in_transaction`),
  );
  await expect.poll(() => isRunning('in_flight')).not.toBe(0);
  await expect.poll(() => isRunning('in_transaction')).not.toBe(0);
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
  const failures = [
    await inFlight,
    await inTransaction,
    await failureOf(client.$queryRaw`SELECT 1`),
    await failureOf(client.user.findFirst()),
    await failureOf(client.$transaction((tx) => tx.$executeRaw`SELECT 1`)),
  ];
  for (const failure of failures) expect(isDatabaseOutage(failure), String(failure)).toBe(true);
  expect(await askServer(server.databaseUrl)).toBe('silent');
});

it('starts again where it was, and has everybody back', async () => {
  const port = Number(new URL(server.databaseUrl).port);
  const before = server.databaseUrl;
  server = await startEmbeddedPostgres(home, { port, mayCreate: false });
  expect(server.databaseUrl).toBe(before);
  expect(await askServer(before)).toBe('up');
  expect(await client.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
});

it('takes a faulty request for no outage', async () => {
  for (const failure of [
    await failureOf(client.$queryRaw`SELECT 1 FROM nowhere`),
    await failureOf(client.user.findFirst()),
    await failureOf(fetch('http://127.0.0.1:1/')),
    new Error('The file is broken.'),
    null,
  ])
    expect(isDatabaseOutage(failure), String(failure)).toBe(false);
});

it('makes no empty database where there was one', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'weighhouse lost '));
  await expect(startEmbeddedPostgres(empty, { mayCreate: false })).rejects.toThrow(MissingDatabase);
  rmSync(empty, { recursive: true, force: true });
});
