import type { JobPayload } from '../../queue/index.ts';
import { runRemoteImport } from '../../remote/index.ts';

export async function run({ importId }: JobPayload<'remote'>): Promise<void> {
  await runRemoteImport(importId);
}
