import { audit } from '../../audit/index.ts';
import { db, type Prisma, type Tx } from '../../db/index.ts';
import { WORKER_STOPPED } from '../../queue/index.ts';
import { deleteOrphanedBlobs } from '../pictures/index.ts';
import { changePreview, lockPreview, publishPreview, signalWorkers } from './change-preview.ts';

type Row = Prisma.PreviewGetPayload<object>;

/** A preview in the hands of this worker. Another attempt of another worker is another claim. */
export interface Claim {
  id: number;
  worker: string;
  attempt: number;
}

/** Without a heartbeat for so long a preview is taken from its worker. */
const LEASE_SECONDS = 60;
/** Tries of one that ends by no fault that is known. */
export const MAX_ATTEMPTS = 3;

/**
 * Takes the next preview: the oldest of those that `loaded` is the checkpoint of, where there is one, else the oldest of
 * all. Null where nothing waits. Workers that ask at once get different ones.
 */
export async function claimPreview(worker: string, loaded: string | null): Promise<Row | null> {
  return await db().$transaction(async (tx) => {
    const [found] = await tx.$queryRaw<{ id: number; state: string }[]>`
      UPDATE preview p
         SET state = 'rendering', worker = ${worker}, attempt = attempt + 1, done = 0, "startedAt" = now(),
             "heartbeatAt" = now(), "leaseUntil" = now() + make_interval(secs => ${LEASE_SECONDS}), code = NULL, message = NULL
       WHERE p.id = (
         SELECT id FROM preview
          -- Clocks of machines differ; the signal came when it was due.
          WHERE (state = 'queued' AND "notBefore" <= now() + interval '5 seconds')
             OR (state = 'rendering' AND "leaseUntil" < now() AND attempt < ${MAX_ATTEMPTS})
          ORDER BY ("hostSha256" IS NOT DISTINCT FROM ${loaded}) DESC, "queuedAt", id
          LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING p.id, p.state::text AS state`;
    if (found === undefined) return null;
    await audit(tx, {
      actor: 'system',
      action: 'preview.state',
      subject: 'preview',
      subjectId: found.id,
      after: { state: 'rendering', worker },
    });
    await publishPreview(tx, found.id);
    // Another worker may have nothing to do.
    if ((await tx.preview.count({ where: { state: 'queued', notBefore: { lte: new Date() } } })) > 0)
      await signalWorkers(tx);
    return await tx.preview.findUniqueOrThrow({ where: { id: found.id } });
  });
}

/**
 * Says that the worker lives. False where the preview is not its own any more: cancelled, planned again, deleted,
 * taken.
 */
export async function renewClaim({ id, worker, attempt }: Claim): Promise<boolean> {
  const renewed = await db().$executeRaw`
    UPDATE preview SET "heartbeatAt" = now(), "leaseUntil" = now() + make_interval(secs => ${LEASE_SECONDS})
     WHERE id = ${id} AND worker = ${worker} AND attempt = ${attempt} AND state = 'rendering'`;
  return renewed > 0;
}

/** Runs `work` with the preview locked, unless it is not the worker's own any more. Null then. */
export async function withClaim<T>(claim: Claim, work: (tx: Tx, row: Row) => Promise<T>): Promise<T | null> {
  return await db().$transaction(async (tx) => {
    const row = await lockPreview(tx, claim.id);
    const isOwn = row?.state === 'rendering' && row.worker === claim.worker && row.attempt === claim.attempt;
    return row !== null && isOwn ? await work(tx, row) : null;
  });
}

/**
 * Queues what was being rendered by workers that died, gives up what none came to the end of, wakes the workers where
 * what waits has lost its signal, and drops what was left in the store. Returns how many were taken from their workers.
 */
export async function recoverPreviews(): Promise<number> {
  const expired = await db().preview.findMany({ where: { state: 'rendering', leaseUntil: { lt: new Date() } } });
  for (const { id } of expired) {
    await db().$transaction(async (tx) => {
      const row = await lockPreview(tx, id);
      if (row?.state !== 'rendering' || (row.leaseUntil ?? new Date()) >= new Date()) return;
      if (row.attempt < MAX_ATTEMPTS) return await changePreview(tx, row, { state: 'queued' });
      await changePreview(tx, row, {
        state: 'failed',
        code: 'crash',
        message: WORKER_STOPPED,
      });
    });
  }
  const waiting = await db().preview.count({ where: { state: 'queued' } });
  if (waiting > 0) await signalWorkers();
  await deleteOrphanedBlobs();
  return expired.length;
}
