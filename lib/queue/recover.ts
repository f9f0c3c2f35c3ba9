import type { JobKind, JobPayload } from './kinds.ts';
import { enqueue, hasOpenJob } from './queue.ts';

/** What is this young may have its job on the way. */
const GRACE_MS = 60_000;

/** What is said of a job that nobody goes on with. */
export const WORKER_STOPPED = 'The worker stopped before the job was finished.';

export interface LostJobs<Kind extends JobKind, Row> {
  kind: Kind;
  /** The rows that a job should be working on, of those that were created before a time. */
  find(before: Date): Promise<readonly Row[]>;
  payloadOf(row: Row): JobPayload<Kind>;
  /** What becomes of a row without a job; it is queued again unless this is given. */
  recover?(row: Row): Promise<void>;
}

/** Finds rows whose job was lost (its worker died at every try, or before it was queued), and recovers each. Returns how many. */
export async function recoverLost<Kind extends JobKind, Row>(
  { kind, find, payloadOf, recover = async (row) => void (await enqueue(kind, payloadOf(row))) }: LostJobs<Kind, Row>,
  now = new Date(),
): Promise<number> {
  let count = 0;
  for (const row of await find(new Date(now.getTime() - GRACE_MS))) {
    if (await hasOpenJob(kind, payloadOf(row))) continue;
    await recover(row);
    count += 1;
  }
  return count;
}
