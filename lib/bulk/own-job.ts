import { type Actor, authorizeAny, can } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';

/** The owner of a job and who asks, where it is one's own or one may look at all jobs. Throws AppError. */
export async function requireOwnJob(actor: Actor | null, id: number): Promise<{ ownerId: string; actor: Actor }> {
  authorizeAny(actor, 'model.edit');
  const job = await db().bulkJob.findUnique({ where: { id }, select: { ownerId: true } });
  // Somebody else's looks like none at all.
  if (actor === null || job === null || (job.ownerId !== actor.id && !can(actor, 'jobs.read')))
    throw new AppError('not_found', 'Bulk change not found.');
  return { ownerId: job.ownerId, actor };
}
