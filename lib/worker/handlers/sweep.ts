import { recoverBulkJobs } from '../../bulk/index.ts';
import { continueImports } from '../../imports/index.ts';
import { recoverAbandoned } from '../../ingest/index.ts';
import { recoverMerges } from '../../merges/index.ts';
import { recoverPreviews } from '../../previews/index.ts';
import { recoverRemoteImports } from '../../remote/index.ts';
import { expireSidecars } from '../../sidecars/index.ts';
import { blobStore } from '../../storage/index.ts';
import { sweepUploads } from '../../uploads/index.ts';

/** A copy into the store that is this old has nobody who writes it. */
const UNFINISHED_MS = 24 * 3600 * 1000;

/**
 * What piles up: uploads that nobody goes on with, files next to models that never came, files, merges, previews and
 * bulk changes whose workers died.
 */
export async function run(): Promise<void> {
  await sweepUploads();
  await blobStore().sweep(new Date(Date.now() - UNFINISHED_MS));
  await expireSidecars();
  await recoverAbandoned();
  await recoverMerges();
  await recoverPreviews();
  await recoverRemoteImports();
  await continueImports();
  await recoverBulkJobs();
}
