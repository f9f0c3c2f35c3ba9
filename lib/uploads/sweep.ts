import { db } from '../db/index.ts';
import { log } from '../log.ts';
import { isOpen } from './change-upload.ts';
import { dropUpload } from './drop-upload.ts';
import { finishUpload } from './finish.ts';
import { EXPIRATION_MS, uploadServer } from './tus.ts';
import { expireUploadSets } from './upload-sets.ts';

/** A row without files and files without a row are dropped when they are this old: of a fresh upload the other half may be on its way. */
const ORPHAN_MS = 24 * 3600 * 1000;

/**
 * Finishes uploads whose bytes were all here when a process ended, expires those that nobody has gone on with for a week,
 * and drops files that no upload needs any more. Leaves alone what somebody works on. Returns how many expired.
 */
export async function sweepUploads(now = new Date()): Promise<number> {
  const { store, locks } = uploadServer();
  const before = new Date(now.getTime() - EXPIRATION_MS);
  const orphanedBefore = new Date(now.getTime() - ORPHAN_MS);
  const open = await db().upload.findMany({ where: { state: { in: ['receiving', 'received'] } } });
  let expired = 0;
  for (const { id, size, state, setId, updatedAt } of open) {
    await locks
      .withFreeLock(id, async (lost) => {
        if (state === 'received' || (await store.received(id)) === Number(size)) {
          await finishUpload(store, id, lost);
          const isWaiting = setId !== null && isOpen((await db().upload.findUniqueOrThrow({ where: { id } })).state);
          if (!isWaiting || updatedAt >= before) return;
          await dropUpload(store, id, 'expired', 'The other files of the model did not come for a week.');
          expired += 1;
        } else if (updatedAt < before || (updatedAt < orphanedBefore && !(await store.has(id)))) {
          const error = updatedAt < before ? 'The upload was not resumed for a week.' : 'The upload was not started.';
          await dropUpload(store, id, 'expired', error);
          expired += 1;
        }
      })
      .catch((error: Error) =>
        log('uploads').error({ id, error: error.message }, 'An upload could not be finished or expired.'),
      );
  }
  await dropOrphans(now);
  await expireUploadSets(now);
  return expired;
}

/** Drops the files of uploads that have ended, and those without a row once they are old. */
async function dropOrphans(now: Date): Promise<void> {
  const { store, locks } = uploadServer();
  const orphanedBefore = new Date(now.getTime() - ORPHAN_MS);
  const files = await store.list();
  const rows = await db().upload.findMany({
    where: { id: { in: files.map(({ id }) => id) } },
    select: { id: true, state: true },
  });
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  for (const { id, modifiedAt } of files) {
    const state = states.get(id);
    const isUnneeded = state === undefined ? modifiedAt < orphanedBefore : !isOpen(state);
    if (isUnneeded) await locks.withFreeLock(id, () => store.forget(id));
  }
}
