import { stringify } from 'csv-stringify/sync';
import type { Actor } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { requireOwnJob } from './own-job.ts';

/** Models read at a time: what an export holds in memory. */
const BATCH = 1000;

/**
 * What became of every model of a job, as CSV in pieces: with a byte order mark, and with an apostrophe before what a
 * spreadsheet would compute as a formula. Throws AppError.
 */
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
    if (isFirst || items.length > 0)
      yield stringify(
        items.map(({ modelId, name, state, reason }) => [modelId, name, state, reason]),
        {
          header: isFirst,
          bom: isFirst,
          columns: ['model id', 'name', 'result', 'reason'],
          escape_formulas: true,
          record_delimiter: 'windows',
        },
      );
    if (items.length < BATCH) return;
    after = items.at(-1)?.modelId ?? after;
  }
}
