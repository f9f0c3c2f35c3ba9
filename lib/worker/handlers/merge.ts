import { runMerge } from '../../merges/index.ts';
import type { JobPayload } from '../../queue/index.ts';

export async function run({ mergeId }: JobPayload<'merge'>, isLastTry: boolean): Promise<void> {
  await runMerge(mergeId, isLastTry);
}
