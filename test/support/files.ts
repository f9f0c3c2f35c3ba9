import { createHash, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { config } from '../../lib/config.ts';
import { db } from '../../lib/db/index.ts';
import { enterFile } from '../../lib/ingest/index.ts';
import { blobStore } from '../../lib/storage/index.ts';

/** Puts bytes into the store and the catalog as a finished upload does. */
export async function enterBytes(
  filename: string,
  bytes: Uint8Array,
  ownerId: string,
): Promise<{ fileId: number; duplicate: boolean }> {
  const folder = join(config().home, 'incoming');
  await mkdir(folder, { recursive: true });
  const path = join(folder, randomUUID());
  await writeFile(path, bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await blobStore().adopt(path, sha256);
  return db().$transaction((tx) => enterFile(tx, { filename, sha256, size: bytes.length, ownerId, modelId: null }));
}

/** Makes a user without a password, for tests that are not about signing in. */
export async function makeUser(role: 'viewer' | 'uploader' | 'moderator' | 'admin') {
  const id = randomUUID();
  return db().user.create({ data: { id, name: role, email: `${id}@example.org`, role } });
}
