import { db } from '../db/index.ts';
import { recoverLost, WORKER_STOPPED } from '../queue/index.ts';
import { closeAbandonedRuns, isUnfinished, recordFailure } from './stage-failure.ts';

/**
 * Finds files that look as if they were being worked on though no job is left for them (its worker died at every try),
 * and puts them where a person can try again. Returns how many.
 */
export async function recoverAbandoned(now = new Date()): Promise<number> {
  return await recoverLost(
    { kind: 'ingest', find: findUnfinished, payloadOf: ({ id }) => ({ fileId: id }), recover },
    now,
  );
}

async function findUnfinished(before: Date) {
  const files = await db().modelFile.findMany({
    where: {
      createdAt: { lt: before },
      OR: [
        { state: { in: ['quarantined', 'scanning'] } },
        { conversion: { in: ['queued', 'converting', 'verifying'] } },
        { conversion: 'none', state: 'clean' },
      ],
    },
    select: { id: true, state: true, conversion: true, disarmedAt: true },
  });
  return files.filter(isUnfinished);
}

async function recover({ id }: { id: number }): Promise<void> {
  await closeAbandonedRuns(id);
  await db().$transaction((tx) => recordFailure(tx, id, WORKER_STOPPED, true));
}
