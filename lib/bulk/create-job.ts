import type { Actor } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { type Prisma, storable, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import { enqueue } from '../queue/index.ts';
import { titleOf } from './title.ts';

/** Models of one job. */
export const MAX_MODELS = 50_000;
/** Jobs of one person that have not ended. */
const MAX_OPEN = 20;

/** Throws AppError where a person has as many jobs as may be open. */
export async function requireRoomForJob(actor: Actor, tx: Tx): Promise<void> {
  const open = await tx.bulkJob.count({ where: { ownerId: actor.id, state: { in: ['queued', 'running'] } } });
  if (open >= MAX_OPEN)
    throw new AppError('conflict', `You have ${open} bulk changes that have not ended. Wait for them or cancel some.`);
}

/** Enters a job with its models and queues it, in the caller's transaction. */
export async function createJob(
  actor: Actor,
  tx: Tx,
  job: { action: string; params: object; undoOfId?: number },
  models: readonly { id: number; name: string }[],
): Promise<{ id: number; total: number }> {
  const { id } = await tx.bulkJob.create({
    data: {
      ...job,
      // What a schema has read is JSON.
      params: storable(job.params) as Prisma.InputJsonValue,
      ownerId: actor.id,
      grant: [...actor.grant],
    },
    select: { id: true },
  });
  await tx.$executeRaw`
    INSERT INTO bulk_item ("jobId", "modelId", name)
    SELECT ${id}, r.id, r.name FROM jsonb_to_recordset(${JSON.stringify(models)}::jsonb) AS r(id int, name text)`;
  await audit(tx, {
    actor: actor.id,
    action: 'bulk.request',
    subject: 'bulk',
    subjectId: id,
    after: { title: titleOf(job.action, job.params), models: models.length },
  });
  await enqueue('bulk', { jobId: id }, { tx });
  await publish(tx, { kind: 'bulk', jobId: id, ownerId: actor.id });
  return { id, total: models.length };
}
