import { db } from '../db/index.ts';
import { hasOpenJob } from '../queue/index.ts';
import { closeAbandonedRuns, isUnfinished, recordFailure } from './stage-failure.ts';

/** A file this young may have its job on the way. */
const GRACE_MS = 60_000;

/**
 * Finds files that look as if they were being worked on though no job is left for them (its worker died at every try),
 * and puts them where a person can try again. Returns how many.
 */
export async function recoverAbandoned(now = new Date()): Promise<number> {
  const candidates = await db().modelFile.findMany({
    where: {
      createdAt: { lt: new Date(now.getTime() - GRACE_MS) },
      OR: [
        { state: { in: ['quarantined', 'scanning'] } },
        { conversion: { in: ['queued', 'converting', 'verifying'] } },
        { conversion: 'none', state: 'clean' },
      ],
    },
    select: { id: true, state: true, conversion: true, disarmedAt: true },
  });
  let count = 0;
  for (const file of candidates) {
    if (!isUnfinished(file) || (await hasOpenJob('ingest', { fileId: file.id }))) continue;
    await closeAbandonedRuns(file.id);
    await db().$transaction((tx) =>
      recordFailure(tx, file.id, 'The worker stopped before the job was finished.', true),
    );
    count += 1;
  }
  return count;
}
