import { ingestFile } from '../../ingest/index.ts';
import type { JobPayload } from '../../queue/index.ts';

export async function run(
  { fileId, identify, measure, variant }: JobPayload<'ingest'>,
  isLastTry: boolean,
): Promise<void> {
  await ingestFile(fileId, { isLastTry, identifyAgain: identify, measure, variant });
}
