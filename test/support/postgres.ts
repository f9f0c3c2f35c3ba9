import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { ensureDatabase, migrate, startEmbeddedPostgres } from '#lib/postgres/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    adminUrl: string;
    template: string;
  }
}

const TEMPLATE = 'migrated';

/** One real PostgreSQL for the whole run, with one migrated database that every test file gets a copy of. */
export default async function startPostgres(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'weighhouse postgres '));
  const server = await startEmbeddedPostgres(home);
  await ensureDatabase(server.adminUrl, TEMPLATE);
  await migrate(databaseUrlOf(server.adminUrl, TEMPLATE));
  project.provide('adminUrl', server.adminUrl);
  project.provide('template', TEMPLATE);

  return async () => {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  };
}

/** The connection string of another database on the same server. */
export function databaseUrlOf(adminUrl: string, name: string): string {
  return Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href;
}
