import { type Actor, authorize } from '../accounts/index.ts';
import { maySee, stagesOf } from '../catalog/index.ts';
import { db } from '../db/index.ts';
import { changeUpload } from './finish.ts';
import { uploadServer } from './tus.ts';
import type { UploadView } from './types.ts';

const MAX_ROWS = 100;

/** A person's latest uploads, newest first, each with the stages of the file it became. */
export async function listUploads(actor: Actor | null): Promise<UploadView[]> {
  authorize(actor, 'upload.list');
  const uploads = await db().upload.findMany({
    where: { userId: actor.id, remote: null },
    orderBy: { createdAt: 'desc' },
    take: MAX_ROWS,
    include: {
      file: {
        include: {
          runs: { orderBy: { id: 'asc' } },
          version: { include: { model: { select: { id: true, name: true, published: true, ownerId: true } } } },
        },
      },
    },
  });
  return uploads.map(({ id, filename, size, offset, state, error, createdAt, sidecarId, file }) => {
    const hidden = file !== null && !maySee(actor, file.version.model);
    return {
      id,
      filename,
      size: Number(size),
      offset: Number(state === 'receiving' ? offset : size),
      state,
      error,
      sidecar: sidecarId !== null,
      hidden,
      createdAt: createdAt.toISOString(),
      file:
        file === null || hidden
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
    };
  });
}

/** Deletes the unfinished uploads of an account that is about to be removed, with their bytes. */
export async function deleteUploads(userId: string): Promise<void> {
  const { store, locks } = uploadServer();
  const open = await db().upload.findMany({
    where: { userId, state: { in: ['receiving', 'received'] } },
    select: { id: true },
  });
  for (const { id } of open) {
    await locks.withLock(id, async () => {
      await changeUpload(id, 'aborted', { error: 'The account was removed.' });
      await store.forget(id);
    });
  }
}
