import { fromPrisma, PgBoss } from 'pg-boss';
import { config } from '../config.ts';
import type { Tx } from '../db/index.ts';
import { log } from '../log.ts';
import { JOB_KINDS, type JobKind, type JobPayload } from './kinds.ts';

const SUPERVISE_SECONDS = 15;

let started: Promise<PgBoss> | undefined;

/** The queue of this process, in the catalog's own database under the schema `pgboss`. */
export function boss(): Promise<PgBoss> {
  started ??= start().catch((error: unknown) => {
    // The next caller tries again: the database may have been away.
    started = undefined;
    throw error;
  });
  return started;
}

async function start(): Promise<PgBoss> {
  const { databaseUrl } = config();
  const queue = new PgBoss({
    ...(databaseUrl !== null && { connectionString: databaseUrl }),
    useListenNotify: true,
    application_name: 'weighhouse',
    // A job whose worker died is found by its heartbeat that often, and not once a minute.
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
  });
  queue.on('error', (error) => log('queue').error({ error: error.message }, 'The queue reported an error.'));
  try {
    await queue.start();
    for (const [name, { queue: options }] of Object.entries(JOB_KINDS)) await queue.createQueue(name, options);
    return queue;
  } catch (error) {
    await queue.stop({ graceful: false }).catch(() => {});
    throw error;
  }
}

export interface EnqueueOptions {
  /** The job exists when this transaction commits, and not when it does not. */
  tx?: Tx;
  /** No worker takes it before so many seconds have passed. */
  afterSeconds?: number;
  /** Jobs with a higher one come first; 0 unless given. */
  priority?: number;
}

export async function enqueue<Kind extends JobKind>(
  kind: Kind,
  payload: JobPayload<Kind>,
  { tx, afterSeconds, priority }: EnqueueOptions = {},
): Promise<void> {
  const queue = await boss();
  const { data, ...key } = jobOf(kind, payload);
  await queue.send(kind, data, {
    ...key,
    ...(afterSeconds === undefined ? {} : { startAfter: afterSeconds }),
    ...(priority === undefined ? {} : { priority }),
    ...(tx === undefined ? {} : { db: fromPrisma(tx) }),
  });
}

/** The same for several payloads, in one statement of the caller's transaction. */
export async function enqueueAll<Kind extends JobKind>(
  kind: Kind,
  payloads: readonly JobPayload<Kind>[],
  tx: Tx,
): Promise<void> {
  if (payloads.length === 0) return;
  const queue = await boss();
  const jobs = payloads.map((payload) => jobOf(kind, payload));
  await queue.insert(kind, jobs, { db: fromPrisma(tx) });
}

function jobOf<Kind extends JobKind>(kind: Kind, payload: JobPayload<Kind>): { data: object; singletonKey?: string } {
  const definition = JOB_KINDS[kind];
  const data = definition.payload.parse(payload);
  // The schema has just said that the payload is this kind's own.
  return 'key' in definition ? { data, singletonKey: (definition.key as (payload: object) => string)(data) } : { data };
}

/** Whether a job of this kind for this payload waits, runs, or will be tried again. */
export async function hasOpenJob<Kind extends JobKind>(kind: Kind, payload: JobPayload<Kind>): Promise<boolean> {
  const jobs = await (await boss()).findJobs(kind, { data: payload });
  return jobs.some(({ state }) => state === 'created' || state === 'retry' || state === 'active');
}

/** Whether jobs of this kind stand in line for a worker, or wait for their next try. */
export async function hasWaitingJobs(kind: JobKind): Promise<boolean> {
  const jobs = await (await boss()).findJobs(kind, { queued: true });
  return jobs.length > 0;
}

export interface WaitingJob<Kind extends JobKind> {
  id: string;
  payload: JobPayload<Kind>;
  since: Date;
  /** No worker takes it before then. */
  notBefore: Date;
  /** Tries that ended badly. */
  tries: number;
}

/** The jobs of this kind that no worker has taken, the oldest first, `limit` at most; and how many there are in all. */
export async function listWaitingJobs<Kind extends JobKind>(
  kind: Kind,
  limit: number,
): Promise<{ jobs: WaitingJob<Kind>[]; total: number }> {
  const queue = await boss();
  const [found, [counts]] = await Promise.all([
    queue.findJobs<JobPayload<Kind>>(kind, { queued: true, limit }),
    queue.getQueueStats(kind),
  ]);
  return {
    jobs: found.map(({ id, data, createdOn, startAfter, retryCount }) => ({
      id,
      payload: data,
      since: createdOn,
      notBefore: startAfter,
      tries: retryCount,
    })),
    total: Math.max(found.length, counts?.queuedCount ?? 0),
  };
}

/** Ends this process's part in the queue. */
export async function stopQueue(): Promise<void> {
  const queue = started;
  started = undefined;
  // One that could not start has nothing to stop.
  await (await queue?.catch(() => null))?.stop({ graceful: true, timeout: 10_000 });
}
