import { z } from 'zod';
import { type Actor, authorize, authorizeAny } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { findModelIds, parseCatalogQuery } from '../catalog/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import { recoverLost } from '../queue/index.ts';
import { BULK_ACTION_NAMES, findBulkAction } from './actions.ts';
import { createJob, MAX_MODELS, requireRoomForJob } from './create-job.ts';
import { requireOwnJob } from './own-job.ts';
import { titleOf, type UNDO } from './title.ts';

/** How long what became of each model is kept, and can be undone. */
const KEPT_MS = 90 * 24 * 3600 * 1000;

/** What is asked for with models; proposals are accepted where they are listed. */
const REQUESTED_ACTIONS = BULK_ACTION_NAMES.filter((name) => findBulkAction(name).kind !== 'proposals');

/** An action, what it is given, and the models: by id, or all that a search of the catalog finds (`?base=sd1&q=…`). */
export const NEW_BULK_JOB = z
  .strictObject({
    action: z.enum(REQUESTED_ACTIONS),
    params: z.looseObject({}).default({}),
    ids: z.array(z.int().positive()).min(1).max(MAX_MODELS).optional(),
    search: z.string().max(10_000).optional(),
  })
  .refine(({ ids, search }) => (ids === undefined) !== (search === undefined), {
    message: 'Send either ids or search.',
  });

/** Starts a job. Throws AppError, and ZodError for parameters that the action does not take. */
export async function requestBulkJob(actor: Actor | null, request: z.output<typeof NEW_BULK_JOB>) {
  const action = findBulkAction(request.action);
  authorize(actor, action.may, actor?.id);
  const params = action.params.parse(request.params);
  const only = action.kind === 'each' ? action.only?.(params) : undefined;
  const search = parseCatalogQuery(new URLSearchParams(request.search));
  const models =
    request.ids === undefined
      ? await findModelIds(actor, action.may, search, { limit: MAX_MODELS + 1, only: only?.models })
      : await nameModels(request.ids);
  if (models.length === 0) throw new AppError('conflict', only?.none ?? 'No model that you may change was found.');
  // What is left is found again by the next one.
  if (only !== undefined) models.splice(MAX_MODELS);
  if (models.length > MAX_MODELS)
    throw new AppError('bad_request', `A change takes ${MAX_MODELS} models at most. Search for fewer.`);
  return await db().$transaction(async (tx) => {
    await requireRoomForJob(actor, tx);
    return await createJob(actor, tx, { action: request.action, params }, models);
  });
}

/** Names of the models that are there; of the others the job says that they are not. */
async function nameModels(ids: readonly number[]): Promise<{ id: number; name: string }[]> {
  const known = await db().model.findMany({ where: { id: { in: [...ids] } }, select: { id: true, name: true } });
  const names = new Map(known.map(({ id, name }) => [id, name]));
  return [...new Set(ids)].map((id) => ({ id, name: names.get(id) ?? `Model ${id}` }));
}

/** Ends a job before its next models; what is changed stays changed. Throws AppError. */
export async function cancelBulkJob(actor: Actor | null, id: number): Promise<void> {
  const job = await requireOwnJob(actor, id);
  await db().$transaction(async (tx) => {
    const { count } = await tx.bulkJob.updateMany({
      where: { id, state: { in: ['queued', 'running'] } },
      data: { state: 'cancelled', endedAt: new Date() },
    });
    if (count === 0) throw new AppError('conflict', 'This bulk change has already ended.');
    await audit(tx, { actor: job.actor.id, action: 'bulk.cancel', subject: 'bulk', subjectId: id });
    await publish(tx, { kind: 'bulk', jobId: id, ownerId: job.ownerId });
  });
}

/** Starts a job that gives the fields back that another changed, where nobody has changed them since. Throws AppError. */
export async function undoBulkJob(actor: Actor | null, id: number): Promise<{ id: number; total: number }> {
  const job = await requireOwnJob(actor, id);
  authorizeAny(actor, 'model.edit');
  return await db().$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id FROM bulk_job WHERE id = ${id} FOR UPDATE`;
    const { state, undo, action, params } = await tx.bulkJob.findUniqueOrThrow({
      where: { id },
      select: { state: true, action: true, params: true, undo: { select: { id: true } } },
    });
    if (state === 'queued' || state === 'running')
      throw new AppError('conflict', 'This bulk change has not ended. Cancel it first.');
    if (undo !== null) throw new AppError('conflict', 'This bulk change was already undone.');
    const items = await tx.$queryRaw<{ id: number; name: string }[]>`
      SELECT "modelId" AS id, name FROM bulk_item
       WHERE "jobId" = ${id} AND state = 'changed' AND before IS NOT NULL ORDER BY "modelId"`;
    if (items.length === 0) throw new AppError('conflict', 'There is nothing that can be undone.');
    const undoing = { jobId: id, title: titleOf(action, params) } satisfies z.infer<typeof UNDO>;
    return await createJob(job.actor, tx, { action: 'undo', params: undoing, undoOfId: id }, items);
  });
}

/** Queues jobs again whose entries in the queue were lost, and drops those that ended long ago. Returns how many were queued. */
export async function recoverBulkJobs(now = new Date()): Promise<number> {
  await db().bulkJob.deleteMany({ where: { endedAt: { lt: new Date(now.getTime() - KEPT_MS) } } });
  return await recoverLost(
    {
      kind: 'bulk',
      find: (before) =>
        db().bulkJob.findMany({
          where: { state: { in: ['queued', 'running'] }, createdAt: { lt: before } },
          select: { id: true },
        }),
      payloadOf: ({ id }) => ({ jobId: id }),
    },
    now,
  );
}
