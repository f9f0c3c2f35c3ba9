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
    await queue.work(
      kind,
      // Notifications wake a worker that waits; one that was busy looks again by the clock, every half minute if left alone.
      {
        batchSize: 1,
        localConcurrency: 'concurrency' in definition ? definition.concurrency : concurrency,
        pollingIntervalSeconds: 1,
        notifyPollingIntervalSeconds: 1,
      },
      async ([job]) => {
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
      },
    );
  }
  const unregister = await registerWorker(kinds);
  return {
    async stop() {
      await stopQueue();
      await unregister();
    },
  };
}
