import { randomUUID } from 'node:crypto';
import { SESSION_GRANT } from '#lib/accounts/index.ts';
import { db } from '#lib/db/index.ts';
import { addFile } from '#lib/ingest/index.ts';
import { blobStore } from '#lib/storage/index.ts';

/** Puts bytes into the store. Returns their SHA-256. */
async function storeBytes(bytes: Uint8Array): Promise<string> {
  return (await blobStore().add([bytes])).sha256;
}

/** Puts bytes into the store and the catalog as a finished upload does. */
export async function enterBytes(
  filename: string,
  bytes: Uint8Array,
  ownerId: string,
): Promise<{ fileId: number; duplicate: boolean }> {
  const sha256 = await storeBytes(bytes);
  return db().$transaction((tx) => addFile(tx, { filename, sha256, size: bytes.length, ownerId, modelId: null }));
}

/** Makes a user without a password, for tests that are not about signing in. */
export async function makeUser(role: 'viewer' | 'uploader' | 'moderator' | 'admin') {
  const id = randomUUID();
  const user = await db().user.create({ data: { id, name: role, email: `${id}@example.org`, role } });
  return { ...user, grant: SESSION_GRANT };
}

/** A model as it is when its upload has gone all its way. */
export async function publishModel(model: {
  name: string;
  type: string;
  base: string;
  bytes: Uint8Array;
  ownerId: string;
}): Promise<{ modelId: number; fileId: number; sha256: string }> {
  const { name, type, base, bytes, ownerId } = model;
  const sha256 = await storeBytes(bytes);
  await db().blob.create({ data: { sha256, size: bytes.length } });
  const { id: modelId } = await db().model.create({
    data: { name, slug: name, type, base, ownerId, verdict: 'clean', published: true },
  });
  const { id: versionId } = await db().modelVersion.create({ data: { modelId, name: 'v1' } });
  const { id: fileId } = await db().modelFile.create({
    data: {
      versionId,
      filename: `${name}.safetensors`,
      sourceSha256: sha256,
      state: 'clean',
      conversion: 'converted',
      convertedSha256: sha256,
    },
  });
  return { modelId, fileId, sha256 };
}
