import { recoverAbandoned } from '../../ingest/index.ts';
import { recoverMerges } from '../../merges/index.ts';
import { recoverPreviews } from '../../previews/index.ts';
import { expireSidecars } from '../../sidecars/index.ts';
import { expireUploads } from '../../uploads/index.ts';

/**
 * What piles up: uploads that nobody goes on with, files next to models that never came, files, merges and previews
 * whose workers died.
 */
export async function run(): Promise<void> {
  await expireUploads();
  await expireSidecars();
  await recoverAbandoned();
  await recoverMerges();
  await recoverPreviews();
}
