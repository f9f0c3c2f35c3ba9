import { randomUUID } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { dropDatabase, ensureDatabase } from '#lib/postgres/index.ts';
import { databaseUrlOf } from './postgres.ts';

/** A database of this test file's own, migrated unless `template` says otherwise, and dropped when the file is done. */
export async function makeTestDatabase(template = inject('template')): Promise<string> {
  const name = `test_${randomUUID()}`;
  await ensureDatabase(inject('adminUrl'), name, template);
  afterAll(() => dropDatabase(inject('adminUrl'), name));
  return databaseUrlOf(inject('adminUrl'), name);
}
