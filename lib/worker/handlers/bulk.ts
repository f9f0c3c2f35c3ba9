import { runBulkJob } from '../../bulk/index.ts';
import type { JobPayload } from '../../queue/index.ts';

export async function run({ jobId }: JobPayload<'bulk'>, isLastTry: boolean): Promise<void> {
  await runBulkJob(jobId, isLastTry);
}
