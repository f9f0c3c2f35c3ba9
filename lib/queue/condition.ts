import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { db } from '../db/index.ts';
import { log } from '../log.ts';
import { JOB_KINDS, type JobKind } from './kinds.ts';

const BEAT_MS = 5000;
/** A worker that was silent for so long is taken for gone. */
const SILENCE_SECONDS = 30;
/** A queue whose oldest job waited for so long, and in which nothing moved meanwhile, stands. */
const STANDING_MINUTES = 10;

/** Says from now on that this process takes jobs of these kinds, until the function it returns is called. */
export async function registerWorker(kinds: readonly JobKind[]): Promise<() => Promise<void>> {
  const id = randomUUID();
  // A row that is missing is made again: a database may have been restored meanwhile.
  const beat = () => db().$executeRaw`
    INSERT INTO worker (id, kinds, host, pid) VALUES (${id}, ${[...kinds]}, ${hostname()}, ${process.pid})
    ON CONFLICT (id) DO UPDATE SET "aliveAt" = now()`;
  await db().$executeRaw`DELETE FROM worker WHERE "aliveAt" < now() - interval '1 day'`;
  await beat();
  const timer = setInterval(() => {
    void beat().catch((error: Error) =>
      log('worker').warn({ error: error.message }, 'The worker could not say that it is alive.'),
    );
  }, BEAT_MS);
  return async () => {
    clearInterval(timer);
    // A row that stays is taken for gone half a minute later.
    await db()
      .worker.deleteMany({ where: { id } })
      .catch(() => {});
  };
}

/** The kinds of jobs that a living worker takes. */
export async function listWorkedKinds(): Promise<JobKind[]> {
  const rows = await db().$queryRaw<{ kind: string }[]>`
    SELECT DISTINCT unnest(kinds) AS kind FROM worker
    WHERE "aliveAt" > now() - make_interval(secs => ${SILENCE_SECONDS})`;
  return rows.map(({ kind }) => kind).filter((kind): kind is JobKind => kind in JOB_KINDS);
}

/**
 * The kinds whose oldest job has been due for ten minutes while none ended, began, or was worked on by a worker that
 * shows life.
 */
export async function listStandingKinds(): Promise<{ kind: JobKind; minutes: number }[]> {
  // Made by the first process that uses the queue.
  const [{ exists }] = await db().$queryRaw<
    [{ exists: boolean }]
  >`SELECT to_regclass('pgboss.job') IS NOT NULL AS exists`;
  if (!exists) return [];
  const rows = await db().$queryRaw<{ kind: string; minutes: number }[]>`
    SELECT name AS kind, floor(extract(epoch FROM now() - min(due) FILTER (WHERE waits)) / 60)::int AS minutes
    FROM (
      SELECT
        name,
        state IN ('created', 'retry') AS waits,
        greatest(created_on, start_after) AS due,
        greatest(started_on, heartbeat_on, completed_on) AS moved
      FROM pgboss.job
      WHERE state IN ('created', 'retry', 'active') OR completed_on > now() - make_interval(mins => ${STANDING_MINUTES})
    ) AS jobs
    GROUP BY name
    HAVING min(due) FILTER (WHERE waits) < now() - make_interval(mins => ${STANDING_MINUTES})
      AND coalesce(max(moved), '-infinity') < now() - make_interval(mins => ${STANDING_MINUTES})`;
  return rows.filter((row): row is { kind: JobKind; minutes: number } => row.kind in JOB_KINDS);
}
