import { type Actor, authorize } from '../accounts/index.ts';
import { stagesOf } from '../catalog/index.ts';
import { db } from '../db/index.ts';
import { changeUpload } from './finish.ts';
import { EXPIRATION_MS, openStore, uploadServer } from './tus.ts';
import type { UploadView } from './types.ts';

const MAX_ROWS = 100;

/** A person's latest uploads, newest first, each with the stages of the file it became. */
export async function listUploads(actor: Actor | null): Promise<UploadView[]> {
  authorize(actor, 'upload.list');
  const uploads = await db().upload.findMany({
    where: { userId: actor.id },
    orderBy: { createdAt: 'desc' },
    take: MAX_ROWS,
    include: {
      file: {
        include: {
          runs: { orderBy: { id: 'asc' } },
          version: { include: { model: { select: { id: true, name: true } } } },
        },
      },
    },
  });
  return uploads.map(({ id, filename, size, offset, state, error, createdAt, sidecarId, file }) => ({
    id,
    filename,
    size: Number(size),
    offset: Number(state === 'receiving' ? offset : size),
    state,
    error,
    sidecar: sidecarId !== null,
    createdAt: createdAt.toISOString(),
    file:
      file === null
        ? null
        : {
            id: file.id,
            modelId: file.version.model.id,
            modelName: file.version.model.name,
            state: file.state,
            conversion: file.conversion,
            conversionReason: file.conversionReason,
            stages: stagesOf(file),
          },
  }));
}

/** Drops uploads that nobody has gone on with for a week. */
export async function expireUploads(now = new Date()): Promise<number> {
  const { store } = uploadServer();
  const before = new Date(now.getTime() - EXPIRATION_MS);
  const stale = await db().upload.findMany({
    where: { state: 'receiving', updatedAt: { lt: before } },
    select: { id: true },
  });
  for (const { id } of stale) {
    await store.forget(id);
    await changeUpload(id, 'expired', { error: 'The upload was not resumed for a week.' });
  }
  return stale.length;
}

/** Deletes the unfinished uploads of an account that is about to be removed, with their bytes. */
export async function deleteUploads(userId: string): Promise<void> {
  const store = openStore();
  const open = await db().upload.findMany({ where: { userId, state: 'receiving' }, select: { id: true } });
  for (const { id } of open) {
    await store.forget(id);
    await changeUpload(id, 'aborted', { error: 'The account was removed.' });
  }
}
