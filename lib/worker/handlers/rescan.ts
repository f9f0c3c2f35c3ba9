import { findOutdatedFile, rescanFile } from '../../ingest/index.ts';
import { enqueue, hasWaitingJobs } from '../../queue/index.ts';

/** How long to stand back while fresh files wait, and where an ingest has the file, in seconds. */
const RETRY_SECONDS = 5;

/**
 * Scans one file again by newer rules, and has the next one follow. What is left to do is in the catalog, not in the
 * job, so it goes on after any crash, and running it twice does nothing twice.
 */
export async function run(): Promise<void> {
  const fileId = await findOutdatedFile();
  if (fileId === null) return;
  // People wait for fresh files; nobody waits for this.
  if (await hasWaitingJobs('ingest')) return await enqueue('rescan', {}, { afterSeconds: RETRY_SECONDS });
  const outcome = await rescanFile(fileId);
  await enqueue('rescan', {}, outcome === 'busy' ? { afterSeconds: RETRY_SECONDS } : {});
}
