import { rm } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { config } from '../config.ts';
import { closeDb, waitForDatabase } from '../db/index.ts';
import { log } from '../log.ts';
import { findSandboxUser, showLife, waitForStopRequest } from '../process/index.ts';
import { enqueue, JOB_KINDS, type JobKind } from '../queue/index.ts';
import { loadImportWatcher } from './handlers/index.ts';
import { startWorker } from './start-worker.ts';

/** The system's measure (nice): where both want the processor, a worker has a third of what the web server and PostgreSQL have. */
const PRIORITY = 5;

/** Works off jobs until the process is told to stop; then ends what is in progress, and returns. */
export async function runWorker(kinds: readonly JobKind[] = Object.keys(JOB_KINDS) as JobKind[]): Promise<void> {
  // Prisma's WebAssembly is fast enough as it is first compiled; compiled once more it takes another 40 MiB.
  setFlagsFromString('--no-wasm-tier-up');
  setFlagsFromString('--no-wasm-dynamic-tiering');
  // Stages and the engine, which it starts, have the same: whoever opens a page must not wait for them.
  setPriority(PRIORITY);
  const stopped = waitForStopRequest();
  const announceReady = showLife();
  const isUp = await waitForDatabase(stopped);
  if (!isUp) return await closeDb();
  const worker = await startWorker(kinds);
  announceReady();
  const watched = kinds.includes('import') ? (await loadImportWatcher())() : null;
  // A newer program may bring newer rules; where it does not, this job ends at once.
  if (kinds.includes('rescan')) await enqueue('rescan', {});
  log('worker').debug({ kinds }, 'Worker ready.');
  if (kinds.includes('ingest')) await sayUserOfStages();
  // What was converted while previews were off, or by a program without them.
  if (kinds.includes('plan')) await enqueue('plan', {});
  // What the worker before it, or an outage, left behind.
  if (kinds.includes('sweep')) await enqueue('sweep', {});
  await stopped;
  await watched?.stop();
  // First, or the queue would wait for a picture that takes minutes.
  if (kinds.includes('preview')) await (await import('../previews/index.ts')).stopPreviews();
  await worker.stop();
  await closeDb();
}

/** Whom the processes become that read what people upload, where this one is root's. */
async function sayUserOfStages(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { user, reason } = await findSandboxUser();
  if (user !== null)
    log('worker').info(user, 'The service runs as root. Stages of uploads run as nobody, the rest as root.');
  else log('worker').warn({ reason }, 'The service and the stages of uploads run as root. Run it as an ordinary user.');
}

/** Drops what stages left behind that were cut off with their service. Call it before any worker runs. */
export async function clearScratchFolders(): Promise<void> {
  await rm(join(config().home, 'scratch'), { recursive: true, force: true });
}
