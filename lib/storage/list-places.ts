import { db } from '../db/index.ts';

/** Files outside of the store that had the bytes of this SHA-256 when they were read, the latest first. */
export async function listPlaces(sha256: string) {
  return await db().blobPlace.findMany({ where: { sha256 }, orderBy: { id: 'desc' } });
}
