import type { Actor } from '../accounts/index.ts';
import { csvPiece } from '../csv.ts';
import { db } from '../db/index.ts';
import { requireOwnJob } from './own-job.ts';

/** Models read at a time: what an export holds in memory. */
const BATCH = 1000;

const COLUMNS = ['model id', 'name', 'result', 'reason'];

/** What became of every model of a job, as CSV in pieces. Throws AppError. */
export async function exportBulkItems(actor: Actor | null, id: number): Promise<AsyncGenerator<string>> {
  await requireOwnJob(actor, id);
  return writeItems(id);
}

async function* writeItems(jobId: number): AsyncGenerator<string> {
  let after = 0;
  for (;;) {
    const items = await db().bulkItem.findMany({
      where: { jobId, modelId: { gt: after } },
      orderBy: { modelId: 'asc' },
      take: BATCH,
      select: { modelId: true, name: true, state: true, reason: true },
    });
    const isFirst = after === 0;
    const rows = items.map(({ modelId, name, state, reason }) => [modelId, name, state, reason]);
    if (isFirst || rows.length > 0) yield csvPiece(COLUMNS, rows, isFirst);
    if (items.length < BATCH) return;
    after = items.at(-1)?.modelId ?? after;
  }
}
