import { type Actor, authorize } from '../accounts/index.ts';
import { maySee, stagesOf } from '../catalog/index.ts';
import { db, type Prisma } from '../db/index.ts';
import { SET_FILES } from './columns.ts';
import { dropUpload } from './drop-upload.ts';
import { uploadServer } from './tus.ts';
import type { UploadView } from './types.ts';

const MAX_ROWS = 100;

const FILE = {
  include: {
    runs: { orderBy: { id: 'asc' } },
    version: { include: { model: { select: { id: true, name: true, published: true, ownerId: true } } } },
  },
} satisfies Prisma.ModelFileDefaultArgs;
type File = Prisma.ModelFileGetPayload<typeof FILE>;

/**
 * A person's latest uploads, newest first, each with the stages of the file it became. The files of a model in several are
 * one of them.
 */
export async function listUploads(actor: Actor | null): Promise<UploadView[]> {
  authorize(actor, 'upload.list');
  const newest = { orderBy: { createdAt: 'desc' }, take: MAX_ROWS } as const;
  const uploads = await db().upload.findMany({
    where: { userId: actor.id, remote: null, setId: null },
    ...newest,
    include: { file: FILE },
  });
  const sets = await db().uploadSet.findMany({
    where: { userId: actor.id, remoteFiles: { none: {} } },
    ...newest,
    include: { file: FILE, uploads: true },
  });
  return [
    ...uploads.map(({ id, filename, size, offset, state, error, createdAt, sidecarId, file }) => ({
      id,
      filename,
      files: null,
      size: Number(size),
      offset: Number(state === 'receiving' ? offset : size),
      state,
      error,
      sidecar: sidecarId !== null,
      ...viewFile(actor, file),
      createdAt: createdAt.toISOString(),
    })),
    ...sets.map((set) => viewSet(actor, set)),
  ]
    .sort((one, other) => other.createdAt.localeCompare(one.createdAt))
    .slice(0, MAX_ROWS);
}

function viewSet(
  actor: Actor,
  set: Prisma.UploadSetGetPayload<{ include: { file: typeof FILE; uploads: true } }>,
): UploadView {
  const { id, name, file, uploads, createdAt } = set;
  const files = SET_FILES.tryRead(set.files) ?? [];
  // Of a file that came in two tries, the one that got further.
  const offset = files.reduce((sum, { path }) => {
    const tries = uploads.filter((upload) => upload.path === path && upload.state !== 'aborted');
    return sum + Math.max(0, ...tries.map((one) => Number(one.state === 'receiving' ? one.offset : one.size)));
  }, 0);
  const size = files.reduce((sum, one) => sum + one.size, 0);
  const ended = uploads.find(({ state }) => state === 'stored' || state === 'duplicate');
  const isOpen = uploads.length === 0 || uploads.some(({ state }) => state === 'receiving' || state === 'received');
  const state = ended?.state ?? (isOpen ? (offset === size ? 'received' : 'receiving') : 'aborted');
  const about = { id, filename: name, files: files.length, size, offset, state, error: null, sidecar: false };
  return { ...about, ...viewFile(actor, file), createdAt: createdAt.toISOString() };
}

function viewFile(actor: Actor, file: File | null): Pick<UploadView, 'file' | 'hidden'> {
  if (file === null) return { file: null, hidden: false };
  const { model } = file.version;
  if (!maySee(actor, model)) return { file: null, hidden: true };
  const { id, state, conversion, conversionReason } = file;
  const stages = stagesOf(file);
  return {
    file: { id, modelId: model.id, modelName: model.name, state, conversion, conversionReason, stages },
    hidden: false,
  };
}

/** Deletes the unfinished uploads of an account that is about to be removed, with their bytes. */
export async function deleteUploads(userId: string): Promise<void> {
  const { store, locks } = uploadServer();
  const open = await db().upload.findMany({
    where: { userId, state: { in: ['receiving', 'received'] } },
    select: { id: true },
  });
  for (const { id } of open) {
    await locks.withLock(id, () => dropUpload(store, id, 'aborted', 'The account was removed.'));
  }
}
