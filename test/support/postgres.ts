import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { ensureDatabase, migrate, startEmbeddedPostgres } from '#lib/postgres/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    adminUrl: string;
    template: string;
  }
}

const TEMPLATE = 'migrated';

interface Running {
  server: Promise<{ adminUrl: string; stop(): Promise<void> }>;
  users: number;
}

/** Each project of the run loads this file for itself, in one process. */
const shared = globalThis as { weighhousePostgres?: Running };

/**
 * One real PostgreSQL for the whole run, whichever of its projects want it, with one migrated database that every test file
 * gets a copy of.
 */
export default async function providePostgres(project: TestProject): Promise<() => Promise<void>> {
  shared.weighhousePostgres ??= { server: startPostgres(), users: 0 };
  const running = shared.weighhousePostgres;
  running.users += 1;
  const server = await running.server;
  project.provide('adminUrl', server.adminUrl);
  project.provide('template', TEMPLATE);

  return async () => {
    running.users -= 1;
    if (running.users === 0) await server.stop();
  };
}

async function startPostgres(): Promise<{ adminUrl: string; stop(): Promise<void> }> {
  const home = await mkdtemp(join(tmpdir(), 'weighhouse postgres '));
  const server = await startEmbeddedPostgres(home);
  await skipFlushes(server.adminUrl);
  await ensureDatabase(server.adminUrl, TEMPLATE);
  await migrate(databaseUrlOf(server.adminUrl, TEMPLATE));
  return {
    adminUrl: server.adminUrl,
    async stop() {
      await server.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Nothing of it is read after a crash: the services that are killed in tests have a PostgreSQL of their own. */
async function skipFlushes(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes'])
      await client.query(`ALTER SYSTEM SET ${setting} = off`);
    await client.query('SELECT pg_reload_conf()');
  } finally {
    await client.end();
  }
}

/** The connection string of another database on the same server. */
export function databaseUrlOf(adminUrl: string, name: string): string {
  return Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;
}
