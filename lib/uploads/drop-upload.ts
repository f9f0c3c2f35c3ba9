import { db } from '../db/index.ts';
import { deleteUnusedBlob } from '../ingest/index.ts';
import { changeUpload } from './change-upload.ts';
import type { HashingStore } from './hashing-store.ts';

/**
 * Ends an upload without a file, with all that is there of it: what it had received, and what waited in the store for the
 * other files of its model. Nothing where it has ended. The caller holds its lock.
 */
export async function dropUpload(
  store: HashingStore,
  id: string,
  state: 'aborted' | 'expired',
  error?: string,
): Promise<void> {
  await changeUpload(id, state, error === undefined ? {} : { error });
  await store.forget(id);
  const { sha256, setId } = await db().upload.findUniqueOrThrow({
    where: { id },
    select: { sha256: true, setId: true },
  });
  if (setId !== null && sha256 !== null) await deleteUnusedBlob(sha256);
}
