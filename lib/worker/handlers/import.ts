import { runImport } from '../../imports/index.ts';
import type { JobPayload } from '../../queue/index.ts';

export async function run({ importId }: JobPayload<'import'>): Promise<void> {
  await runImport(importId);
}
