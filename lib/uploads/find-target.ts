import { type Actor, can } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { SET_FILES } from './columns.ts';

/** Makes sure that a person may add a version to a model. Throws AppError. */
export async function requireTarget(actor: Actor, id: number): Promise<void> {
  const model = await db().model.findUnique({ where: { id }, select: { ownerId: true } });
  if (model === null) throw new AppError('not_found', 'The model for this new version does not exist.');
  if (!can(actor, 'model.add-version', model.ownerId))
    throw new AppError('forbidden', 'You do not have permission to add versions to this model.');
}

/** Makes sure that an upload is one of the files of a set, and not there yet. Throws AppError. */
export async function requireSetFile(
  actor: Actor,
  { setId, path, size }: { setId: string; path: string; size: number },
): Promise<void> {
  const set = await db().uploadSet.findUnique({
    where: { id: setId },
    include: { uploads: { where: { path, state: 'received' }, select: { id: true } } },
  });
  // Somebody else's looks like none at all.
  if (set === null || set.userId !== actor.id)
    throw new AppError('not_found', 'The model of this file is not known. Upload it again as a whole.');
  const file = SET_FILES.read(set.files)?.find((one) => one.path === path);
  if (file === undefined) throw new AppError('bad_request', `${JSON.stringify(path)} is not a file of this model.`);
  if (file.size !== size)
    throw new AppError('bad_request', `${path} was announced with ${file.size} bytes, and now has ${size}.`);
  if (set.fileId !== null || set.uploads.length > 0)
    throw new AppError('conflict', 'The server already has this file of the model.');
}
