import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Pool, type QueryResult } from 'pg';
import { newConnection } from '../db/index.ts';
import { projectRoot } from '../process/index.ts';

const require = createRequire(import.meta.url);

export const PRISMA_FOLDER = join(projectRoot(), 'prisma');
const SCHEMA = join(PRISMA_FOLDER, 'schema.prisma');
const MIGRATIONS_FOLDER = join(PRISMA_FOLDER, 'migrations');

/** Nothing in the database is managed by others as far as Prisma's tables go; pg-boss has a schema of its own. */
const FILTERS: bindings.SchemaFilter = { externalTables: [], externalEnums: [] };

/** PostgreSQL's one-byte `"char"`, which its own catalogs use, and `text`. */
const CHAR_OID = 18;
const TEXT_OID = 25;

/**
 * The engine reads PostgreSQL's catalogs, and the adapter refuses their `"char"` columns as an unknown type. So the
 * pool announces them as text, and the adapter's answer says again that they are single characters. The engine asks
 * one thing after the other, so the columns of the last query are those of the current answer.
 */
class CatalogPool extends Pool {
  charColumns = new Set<string>();

  // The driver's `query` has many overloads; the adapter uses the one that answers with a promise.
  override query = (async (...args: unknown[]) => {
    const result = await (Pool.prototype.query as (...args: unknown[]) => Promise<QueryResult>).apply(this, args);
    const fields = (result.fields ?? []).filter((field) => field.dataTypeID === CHAR_OID);
    this.charColumns = new Set(fields.map((field) => field.name));
    for (const field of fields) field.dataTypeID = TEXT_OID;
    return result;
  }) as typeof Pool.prototype.query;
}

class CatalogAdapterFactory extends PrismaPg {
  readonly #pool: CatalogPool;

  constructor(pool: CatalogPool) {
    super(pool);
    this.#pool = pool;
  }

  override async connect() {
    const adapter = await super.connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const answer = await queryRaw(query);
      answer.columnNames.forEach((name, index) => {
        if (this.#pool.charColumns.has(name)) answer.columnTypes[index] = ColumnTypeEnum.Character;
      });
      return answer;
    };
    return adapter;
  }
}

/** What the package's own entry calls, which its types leave out. */
interface Glue {
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
  SchemaEngine: {
    new: (
      options: bindings.ConstructorOptions,
      log: (text: string) => void,
      adapter: unknown,
    ) => Promise<bindings.SchemaEngine>;
  };
}

// biome-ignore lint/plugin: see Glue.
const glue = bindings as unknown as Glue & WebAssembly.ModuleImports;

let instantiated = false;

/**
 * Prisma's schema engine as WebAssembly: the native one is a download, this one comes from npm. The package's own entry
 * imports the `.wasm` as a module, which Node does not do unasked, so it is instantiated by hand here.
 */
function instantiate(): void {
  if (instantiated) return;
  const path = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
  const module = new WebAssembly.Module(readFileSync(path));
  const instance = new WebAssembly.Instance(module, {
    './schema_engine_bg.js': glue,
  });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports.__wbindgen_start as () => void)();
  instantiated = true;
}

async function withEngine<T>(databaseUrl: string, use: (engine: bindings.SchemaEngine) => Promise<T>): Promise<T> {
  instantiate();
  const pool = new CatalogPool({ connectionString: databaseUrl });
  pool.on('error', () => {});
  const adapter = bindMigrationAwareSqlAdapterFactory(new CatalogAdapterFactory(pool));
  const datamodels: [string, string][] = [[SCHEMA, await readSchema()]];
  const engine = await glue.SchemaEngine.new({ datamodels }, () => {}, adapter);
  try {
    return await use(engine);
  } finally {
    engine.free();
    await pool.end();
  }
}

/** Applies every migration that the database has not had, in order, as `prisma migrate deploy` does. Returns their names. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const migrationsList = await readMigrations();
  const names = migrationsList.migrationDirectories.map(({ path }) => path);
  if (await isMigrated(databaseUrl, names)) return [];
  await forgetInterrupted(databaseUrl);
  const { appliedMigrationNames } = await withEngine(databaseUrl, (engine) =>
    engine.applyMigrations({ migrationsList, filters: FILTERS }),
  );
  return appliedMigrationNames;
}

/** What the engine holds while it migrates, so that no two processes do. */
const ENGINE_LOCK = 72_707_369;

/**
 * A migration runs as one transaction, so one that was cut off (the process or PostgreSQL was killed) has changed nothing.
 * The engine would refuse to go on until somebody says so. One that failed by itself has a log, and stays a matter for people.
 */
async function forgetInterrupted(databaseUrl: string): Promise<void> {
  const client = newConnection(databaseUrl);
  await client.connect();
  try {
    const { rows } = await client.query("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there");
    if (!rows[0].there) return;
    // Whoever migrates at this moment has begun what is not finished.
    await client.query('SELECT pg_advisory_lock($1)', [ENGINE_LOCK]);
    await client.query(
      'UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL AND rolled_back_at IS NULL AND logs IS NULL',
    );
  } finally {
    // The lock ends with the connection.
    await client.end().catch(() => {});
  }
}

/**
 * Whether each of these migrations came to its end and none is unfinished. Asked before the engine is loaded, which takes
 * longer than all else that a start does with the database; what is not as it should be is the engine's to judge.
 */
async function isMigrated(databaseUrl: string, names: readonly string[]): Promise<boolean> {
  const client = newConnection(databaseUrl);
  await client.connect();
  try {
    const table = await client.query("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there");
    if (!table.rows[0].there) return false;
    const { rows } = await client.query<{ name: string; finished: boolean }>(
      'SELECT migration_name AS name, finished_at IS NOT NULL AS finished FROM _prisma_migrations WHERE rolled_back_at IS NULL',
    );
    const applied = new Set(rows.map(({ name }) => name));
    return rows.every(({ finished }) => finished) && names.every((name) => applied.has(name));
  } finally {
    await client.end();
  }
}

/** The SQL that would bring the database at `databaseUrl` to `schema.prisma`; empty when the two agree. */
export async function diffFromDatabase(databaseUrl: string): Promise<string> {
  const files = [{ path: SCHEMA, content: await readSchema() }];
  return diff(databaseUrl, { tag: 'schemaDatasource', files, configDir: PRISMA_FOLDER });
}

async function diff(databaseUrl: string, from: bindings.DiffTarget): Promise<string> {
  const to: bindings.DiffTarget = { tag: 'schemaDatamodel', files: [{ path: SCHEMA, content: await readSchema() }] };
  const { stdout } = await withEngine(databaseUrl, (engine) =>
    engine.diff({
      from,
      to,
      script: true,
      exitCode: null,
      shadowDatabaseUrl: null,
      filters: FILTERS,
    } as bindings.DiffParams),
  );
  return (stdout ?? '').replace('-- This is an empty migration.', '').trim();
}

function readSchema(): Promise<string> {
  return readFile(SCHEMA, 'utf8');
}

async function readMigrations(): Promise<bindings.MigrationList> {
  const folders = await readdir(MIGRATIONS_FOLDER, { withFileTypes: true }).catch(() => []);
  const names = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.sort().map(async (path): Promise<bindings.MigrationDirectory> => {
      const value = await readFile(join(MIGRATIONS_FOLDER, path, 'migration.sql'), 'utf8');
      return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } };
    }),
  );
  return {
    baseDir: MIGRATIONS_FOLDER,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories,
  };
}
