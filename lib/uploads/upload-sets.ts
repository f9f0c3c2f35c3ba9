import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { MODEL_INDEX } from '#scanner/multi-file/client.ts';
import { type Actor, authorize } from '../accounts/index.ts';
import { config } from '../config.ts';
import { db, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { checkPartPaths } from '../ingest/index.ts';
import { lockQuotas } from '../quotas/index.ts';
import { SET_FILES } from './columns.ts';
import { dropUpload } from './drop-upload.ts';
import { requireTarget } from './find-target.ts';
import { lockRoom } from './room.ts';
import { EXPIRATION_MS, uploadServer } from './tus.ts';
import type { AnnouncedSet } from './types.ts';

/** What somebody announces of a model in several files. */
export const NEW_UPLOAD_SET = z.strictObject({
  /** What the model is called. */
  name: z.string().trim().min(1, 'Enter a name.').max(200),
  layout: z.enum(['shards', 'diffusers']),
  files: z.array(
    z.strictObject({
      path: z.string().min(1).max(2000),
      size: z.int().min(1),
      /** In whole milliseconds. Where all files have one, an upload that was interrupted goes on. */
      modifiedAt: z.int().optional(),
    }),
  ),
  /** The model that it is a new version of. */
  modelId: z.int().nullish(),
});
export type NewUploadSet = z.output<typeof NEW_UPLOAD_SET>;

/** Most models in several files of one person that are not complete. */
const MAX_OPEN = 100;

/**
 * Announces a model in several files. Each of them is then an upload of its own, and with the last one it enters the
 * catalog. Whether all together have room and quota is asked here, and reserved file by file. The same files, unchanged
 * since they were announced and not complete, go on where they were. Throws AppError.
 */
export async function createUploadSet(actor: Actor | null, form: NewUploadSet): Promise<AnnouncedSet> {
  authorize(actor, 'upload.create');
  const { layout, files, modelId = null } = form;
  checkSetFiles(form);
  const { maxUploadBytes } = config();
  const large = files.find(({ size }) => size > maxUploadBytes);
  if (large !== undefined) throw new AppError('too_large', `${large.path} is larger than the upload limit.`);
  if (modelId !== null) await requireTarget(actor, modelId);
  const known = await findInterrupted(actor.id, form);
  if (known !== null) return known;
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return await db().$transaction(async (tx) => {
    const overQuota = (await lockQuotas(tx, [actor.id])).get(actor.id)?.refusal({ bytes, files: files.length });
    if (overQuota != null) throw new AppError('over_quota', overQuota);
    const noRoom = (await lockRoom(tx)).refusal(bytes);
    if (noRoom !== null) throw new AppError('no_room', noRoom);
    const open = await tx.uploadSet.count({ where: { userId: actor.id, ...incomplete(new Date()) } });
    if (open >= MAX_OPEN)
      throw new AppError('conflict', `You already have ${open} models in several files that are not complete.`);
    const { id } = await insertUploadSet(tx, actor.id, { ...form, layout, modelId });
    return { id, uploads: [] };
  });
}

async function findInterrupted(
  userId: string,
  { name, layout, files, modelId = null }: NewUploadSet,
): Promise<AnnouncedSet | null> {
  if (files.some(({ modifiedAt }) => modifiedAt === undefined)) return null;
  const sets = await db().uploadSet.findMany({
    where: { userId, name, layout, modelId, ...incomplete(new Date()) },
    orderBy: { createdAt: 'desc' },
    include: { uploads: { where: { state: { in: ['receiving', 'received'] } }, orderBy: { offset: 'desc' } } },
  });
  const wanted = fingerprintOf(files);
  const set = sets.find((one) => fingerprintOf(SET_FILES.tryRead(one.files) ?? []) === wanted);
  if (set === undefined) return null;
  const uploads = new Map<string, AnnouncedSet['uploads'][number]>();
  for (const { id: uploadId, path, state } of set.uploads) {
    const isReceived = state === 'received';
    if (path !== null && (isReceived || !uploads.has(path))) uploads.set(path, { path, uploadId, isReceived });
  }
  return { id: set.id, uploads: [...uploads.values()] };
}

function fingerprintOf(files: NewUploadSet['files']): string {
  return files
    .map(({ path, size, modifiedAt }) => `${path}\n${size}\n${modifiedAt}`)
    .sort()
    .join('\n\n');
}

/** The same for files that the service receives by itself, in the caller's transaction. Throws AppError. */
export async function insertUploadSet(tx: Tx, userId: string, form: NewUploadSet): Promise<{ id: string }> {
  checkSetFiles(form);
  const { name, layout, files, modelId = null } = form;
  const id = randomUUID();
  await tx.uploadSet.create({ data: { id, userId, name, layout, modelId, files: SET_FILES.write(files) } });
  return { id };
}

/** Throws AppError `bad_request` where these files are no model of that layout. */
function checkSetFiles({ layout, files }: Pick<NewUploadSet, 'layout' | 'files'>): void {
  checkPartPaths(files.map(({ path }) => path));
  if (layout === 'diffusers' && !files.some(({ path }) => path === MODEL_INDEX))
    throw new AppError('bad_request', `A diffusers folder has a ${MODEL_INDEX}. This one has none.`);
  if (layout === 'shards' && files.some(({ path }) => path.includes('/')))
    throw new AppError('bad_request', 'The shards of a model and their index are in one folder.');
}

/** Gives a model in several files up that is not complete, with what is there of it. Throws AppError. */
export async function cancelUploadSet(actor: Actor | null, id: string): Promise<void> {
  authorize(actor, 'upload.create');
  const set = await db().uploadSet.findUnique({ where: { id }, include: { uploads: { select: { id: true } } } });
  if (set === null || set.userId !== actor.id) throw new AppError('not_found', 'Upload not found.');
  if (set.fileId !== null) throw new AppError('conflict', 'This model is complete. Delete it in the catalog.');
  const { store, locks } = uploadServer();
  for (const upload of set.uploads)
    await locks.withLock(upload.id, () => dropUpload(store, upload.id, 'aborted', 'The upload was cancelled.'));
}

/** Sets that files may still come for. */
function incomplete(now: Date) {
  return { fileId: null, createdAt: { gte: new Date(now.getTime() - EXPIRATION_MS) } };
}

/** Forgets sets that were given up. Their uploads have ended. */
export async function expireUploadSets(now: Date): Promise<void> {
  await db().uploadSet.deleteMany({
    where: {
      fileId: null,
      createdAt: { lt: new Date(now.getTime() - EXPIRATION_MS) },
      // A model of the catalog that was deleted leaves its uploads, which have ended well.
      uploads: { none: { state: { in: ['receiving', 'received', 'stored', 'duplicate'] } } },
    },
  });
}
