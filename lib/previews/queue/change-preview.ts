import { audit } from '../../audit/index.ts';
import type { Prisma, Tx } from '../../db/index.ts';
import { publish } from '../../events/index.ts';
import { enqueue } from '../../queue/index.ts';
import type { PreviewStateName } from '../types.ts';

/** The preview's way. What ended is queued again when a person asks, or when something it follows from has changed. */
export const PREVIEW_TRANSITIONS: Readonly<Record<PreviewStateName, readonly PreviewStateName[]>> = {
  queued: ['queued', 'rendering', 'waiting_for_base', 'not_applicable', 'cancelled', 'failed'],
  waiting_for_base: ['queued', 'waiting_for_base', 'not_applicable', 'cancelled'],
  rendering: ['done', 'failed', 'queued', 'waiting_for_base', 'not_applicable', 'cancelled'],
  done: ['queued', 'not_applicable'],
  failed: ['queued', 'waiting_for_base', 'not_applicable'],
  not_applicable: ['queued', 'waiting_for_base', 'not_applicable'],
  cancelled: ['queued', 'waiting_for_base', 'not_applicable'],
};

export interface PreviewChange extends Omit<Prisma.PreviewUncheckedUpdateInput, 'state' | 'id'> {
  state: PreviewStateName;
  /** A user's id, or `system`. */
  actor?: string;
  /** Why somebody asked for it; for the audit log. */
  reason?: string;
  /** Seconds to wait before a worker takes it. */
  afterSeconds?: number;
}

/** Holds a preview until the transaction ends. Null where it is gone. */
export async function lockPreview(tx: Tx, id: number) {
  await tx.$queryRaw`SELECT id FROM preview WHERE id = ${id} FOR UPDATE`;
  return await tx.preview.findUnique({ where: { id } });
}

/**
 * Changes a preview's state, with the audit row, the events and, where it is queued, the signal for a worker, all in the
 * caller's transaction, which has it locked. Throws where the table above does not have the change.
 */
export async function changePreview(
  tx: Tx,
  before: { id: number; sha256: string; state: PreviewStateName },
  { actor = 'system', reason, afterSeconds = 0, ...change }: PreviewChange,
): Promise<void> {
  if (!PREVIEW_TRANSITIONS[before.state].includes(change.state))
    throw new Error(`The preview is ${before.state} and cannot become ${change.state}.`);
  const isOver = !['queued', 'rendering', 'waiting_for_base'].includes(change.state);
  await tx.preview.update({
    where: { id: before.id },
    data: {
      ...change,
      endedAt: isOver ? new Date() : null,
      ...(change.state === 'rendering' ? {} : { leaseUntil: null, worker: null }),
      ...(change.state === 'queued' ? { notBefore: new Date(Date.now() + afterSeconds * 1000) } : {}),
    },
  });
  await audit(tx, {
    actor,
    action: 'preview.state',
    subject: 'preview',
    subjectId: before.id,
    before: { state: before.state },
    after: {
      state: change.state,
      ...(typeof change.code === 'string' ? { code: change.code } : {}),
      ...(typeof change.message === 'string' ? { message: change.message } : {}),
      ...(reason ? { reason } : {}),
    },
  });
  if (change.state === 'queued') {
    if (afterSeconds === 0) await signalWorkers(tx);
    else await enqueue('preview', { previewId: before.id }, { tx, afterSeconds });
  }
  await publishPreview(tx, before.id);
}

/** Wakes a worker that has nothing to do. */
export async function signalWorkers(tx?: Tx): Promise<void> {
  await enqueue('preview', {}, tx === undefined ? {} : { tx });
}

/** Tells the pages of every model that has the file how far its preview is. */
export async function publishPreview(tx: Tx, id: number): Promise<void> {
  const rows = await tx.$queryRaw<
    { modelId: number; ownerId: string | null; published: boolean; state: string; done: number; total: number }[]
  >`SELECT DISTINCT m.id AS "modelId", m."ownerId", m.published, p.state::text AS state, p.done, p.total
      FROM preview p JOIN model_file f ON f."convertedSha256" = p.sha256
      JOIN model_version v ON v.id = f."versionId" JOIN model m ON m.id = v."modelId"
     WHERE p.id = ${id}`;
  for (const row of rows) await publish(tx, { kind: 'preview', previewId: id, ...row });
}
