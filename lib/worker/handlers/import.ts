import { runImport } from '../../imports/index.ts';
import type { JobPayload } from '../../queue/index.ts';

/** Here, so that one file is loaded when a worker takes imports. */
export { watchImports } from '../../imports/index.ts';

export async function run({ importId }: JobPayload<'import'>): Promise<void> {
  await runImport(importId);
}
