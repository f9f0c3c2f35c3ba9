import { availableParallelism } from 'node:os';
import type { Job, PgBoss, WorkHandler } from 'pg-boss';
import { config } from '../config.ts';
import { log } from '../log.ts';
import { boss, JOB_KINDS, type JobKind, registerWorker, stopQueue } from '../queue/index.ts';
import { HANDLERS } from './handlers/index.ts';

export interface Worker {
  /** Takes no new job, and waits for those in progress. */
  stop(): Promise<void>;
}

/** Works off jobs of the given kinds until stopped, up to `concurrency` of each kind at the same time. */
export async function startWorker(kinds: readonly JobKind[], concurrency = config().workers): Promise<Worker> {
  const queue = await boss();
  for (const kind of kinds) {
    const definition = JOB_KINDS[kind];
    // Which payload goes with which work is known by the table, not by the compiler; the schema checks it at run time.
    const run = (await HANDLERS[kind]()) as (payload: object, isLastTry: boolean) => Promise<void>;
    if ('cron' in definition) await queue.schedule(kind, definition.cron);
    const work = async ([job]: Job<object>[]) => {
      if (job === undefined) return;
      const payload = definition.payload.parse(job.data ?? {});
      try {
        await run(payload, job.retryCount >= definition.queue.retryLimit);
      } catch (error) {
        log('worker').warn(
          { kind, ...payload, attempt: job.retryCount + 1, error: (error as Error).message },
          'A job failed.',
        );
        throw error;
      }
    };
    for (let loop = 0; loop < loopsOf(kind, concurrency); loop += 1) await startLoop(queue, kind, work);
  }
  const unregister = await registerWorker(kinds);
  return {
    async stop() {
      await stopQueue();
      if (kinds.some((kind) => INSPECTING.has(kind))) await (await import('../ingest/index.ts')).stopReadyProcesses();
      await unregister();
    },
  };
}

/** Kinds of jobs that look at files in processes of their own. */
const INSPECTING: ReadonlySet<JobKind> = new Set<JobKind>(['ingest', 'rescan', 'bulk']);

/** How many jobs of a kind are done at the same time. */
function loopsOf(kind: JobKind, concurrency: number): number {
  const definition = JOB_KINDS[kind];
  if (!('concurrency' in definition)) return concurrency;
  return definition.concurrency === 'cores' ? Math.max(concurrency, availableParallelism()) : definition.concurrency;
}

/**
 * Takes one job after the other. Notifications wake a loop that waits; one that has done a job looks for the next at once,
 * because the notification of that came while it was busy.
 */
async function startLoop(queue: PgBoss, kind: JobKind, work: WorkHandler<object>): Promise<void> {
  let id: string | undefined;
  id = await queue.work<object>(
    kind,
    { batchSize: 1, pollingIntervalSeconds: 1, notifyPollingIntervalSeconds: 1 },
    async (jobs) => {
      try {
        await work(jobs);
      } finally {
        if (id !== undefined) queue.notifyWorker(id);
      }
    },
  );
}
