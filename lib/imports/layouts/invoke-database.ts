import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Hint } from './folder.ts';
import { typeOfFolder } from './folder-types.ts';

/** A row of InvokeAI's table of models, which has grown: what is read is there since its first version. */
const ROW = z.object({ name: z.string().nullable(), type: z.string().nullable(), path: z.string() });
const MAX_BYTES = 1024 ** 3;
const MAX_ROWS = 200_000;

/**
 * What InvokeAI's database in a folder says of its models, by absolute path: their files have names of their own, and lie
 * in folders named by keys. Empty where there is none, or none that can be read. The database is not written to.
 */
export async function readInvokeDatabase(root: string): Promise<Map<string, Hint>> {
  const hints = new Map<string, Hint>();
  const file = join(root, 'databases', 'invokeai.db');
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile() || found.size > MAX_BYTES) return hints;
  const models = (await readdir(root)).find((name) => name.toLowerCase() === 'models') ?? 'models';
  try {
    // Loaded where it is needed: nothing else of the service takes it.
    const { DatabaseSync } = await import('node:sqlite');
    const url = pathToFileURL(file);
    // Neither a journal nor a lock is made next to a database of somebody else.
    url.search = 'immutable=1';
    const database = new DatabaseSync(url, { readOnly: true, allowExtension: false });
    try {
      database.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0');
      const rows = database
        .prepare(
          `SELECT json_extract(config, '$.name') AS name, json_extract(config, '$.type') AS type,
                  json_extract(config, '$.path') AS path FROM models LIMIT ${MAX_ROWS}`,
        )
        .iterate();
      for (const row of rows) {
        const read = ROW.safeParse(row);
        if (!read.success) continue;
        const { name, type, path } = read.data;
        const known = type === null ? undefined : typeOfFolder(type);
        hints.set(resolve(root, models, path), {
          ...(name === null ? {} : { name }),
          ...(known === undefined ? {} : { type: known }),
        });
      }
    } finally {
      database.close();
    }
  } catch {
    // A database of another version, or damaged, says nothing. The folders are walked all the same.
  }
  return hints;
}
