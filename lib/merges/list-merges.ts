import { type Actor, authorize, can } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { recoverLost, WORKER_STOPPED } from '../queue/index.ts';
import { REPORT, REQUEST } from './columns.ts';
import { changeMerge } from './run-merge.ts';
import { sweepScratch } from './scratch.ts';
import type { MergeKind, MergeView } from './types.ts';

const SHOWN = 20;

/** The newest merges of a person, 20 at most. */
export async function listMerges(actor: Actor | null): Promise<MergeView[]> {
  authorize(actor, 'upload.create');
  const rows = await db().merge.findMany({
    where: { ownerId: actor.id },
    orderBy: { id: 'desc' },
    take: SHOWN,
    include: {
      file: { select: { version: { select: { model: { select: { id: true, slug: true, name: true } } } } } },
    },
  });
  return rows.map(({ id, name, kind, state, progress, message, report, request, file, createdAt }) => ({
    id,
    name,
    kind: kind as MergeKind,
    state,
    progress,
    message,
    notes: notesOf(REPORT.tryRead(report)),
    parts: REQUEST.tryRead(request)?.parts.map((part) => ({ modelId: part.modelId, name: part.name })) ?? [],
    model: file?.version.model ?? null,
    createdAt: createdAt.toISOString(),
  }));
}

function notesOf(report: ReturnType<typeof REPORT.tryRead>): string[] {
  if (report === null) return [];
  const notes = [...report.warnings];
  for (const model of new Set(report.unplaced.map((one) => one.model))) {
    const modules = report.unplaced.filter((one) => one.model === model).map(({ module }) => module);
    const more = modules.length > 5 ? ` and ${modules.length - 5} more` : '';
    notes.push(
      `Modules of “${model}” without a matching layer (${modules.length}): ${modules.slice(0, 5).join(', ')}${more}.`,
    );
  }
  if (report.ignored.length > 0) notes.push(`LoRA tensors of an unknown type, ignored: ${report.ignored.length}.`);
  if (report.saturated > 0) notes.push(`Values clamped to the largest value of their type: ${report.saturated}.`);
  return notes;
}

/** Stops a merge that waits or runs. Throws AppError `not_found`, and `conflict` where it has ended. */
export async function cancelMerge(actor: Actor | null, id: number): Promise<void> {
  authorize(actor, 'upload.create');
  const merge = await db().merge.findUnique({ where: { id }, select: { ownerId: true } });
  const isTheirs = merge?.ownerId === actor.id || can(actor, 'upload.read-all');
  if (merge === null || !isTheirs) throw new AppError('not_found', 'Merge not found.');
  if (!(await changeMerge(id, 'cancelled', { actor: actor.id })))
    throw new AppError('conflict', 'This merge has already ended.');
}

/** Ends merges whose workers died at every try, so that nobody waits for them, and clears what they wrote. Returns how many. */
export async function recoverMerges(now = new Date()): Promise<number> {
  const count = await recoverLost(
    {
      kind: 'merge',
      find: (before) =>
        db().merge.findMany({
          where: { state: { in: ['queued', 'running'] }, createdAt: { lt: before } },
          select: { id: true },
        }),
      payloadOf: ({ id }) => ({ mergeId: id }),
      recover: async ({ id }) => void (await changeMerge(id, 'failed', { message: WORKER_STOPPED })),
    },
    now,
  );
  await sweepScratch();
  return count;
}
