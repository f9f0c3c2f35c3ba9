import { ingestFile } from '../ingest/index.ts';

export async function run({ fileId }: { fileId: number }): Promise<void> {
  await ingestFile(fileId);
}
