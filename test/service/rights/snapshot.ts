import { readdirSync } from 'node:fs';
import { config } from '#lib/config.ts';
import { db } from '#lib/db/index.ts';

/** What asking alone may change: when a token or a session was last seen, and how often somebody tried to sign in. */
const SEEN: Readonly<Record<string, readonly string[]>> = {
  api_token: ['lastUsedAt'],
  session: ['updatedAt', 'expiresAt', 'lastUsedAt'],
};

/** Attempts to guess are counted, in vain ones above all. */
const NOT_COMPARED = ['_prisma_migrations', 'attempt'];

/** Every row of the service and its jobs, and the name of every file it keeps, to be compared with a later one. */
export async function takeSnapshot(): Promise<Record<string, string[]>> {
  const tables = await db().$queryRaw<{ table_schema: string; table_name: string }[]>`
    SELECT table_schema, table_name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND (table_schema = 'public' OR (table_schema = 'pgboss' AND table_name LIKE 'job%'))`;
  const snapshot: Record<string, string[]> = {
    files: readdirSync(config().home, { recursive: true, encoding: 'utf8' }).sort(),
  };
  for (const { table_schema, table_name } of tables) {
    if (NOT_COMPARED.includes(table_name)) continue;
    const rows = await db().$queryRawUnsafe<{ row: Record<string, unknown> }[]>(
      `SELECT to_jsonb(t) - ARRAY[${(SEEN[table_name] ?? ['']).map((name) => `'${name}'`).join(', ')}] AS row
         FROM "${table_schema}"."${table_name}" t`,
    );
    snapshot[table_name] = rows.map(({ row }) => JSON.stringify(row)).sort();
  }
  return snapshot;
}
