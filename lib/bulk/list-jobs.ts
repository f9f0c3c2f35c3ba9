import { type Actor, authorizeAny } from '../accounts/index.ts';
import { type BulkItemState, db, type Prisma } from '../db/index.ts';
import { findBulkAction, isBulkAction } from './actions.ts';
import { requireOwnJob } from './own-job.ts';
import { countOpenProposals } from './proposals/index.ts';
import { titleOf } from './title.ts';
import type { BulkItemsPage, BulkJobView } from './types.ts';

/** What can become of a model. */
export const BULK_ITEM_STATES = [
  'waiting',
  'proposed',
  'changed',
  'unchanged',
  'refused',
] as const satisfies BulkItemState[];

const SHOWN_JOBS = 20;
const PAGE = 100;

const VIEW = { owner: { select: { name: true } }, undo: { select: { id: true } } } as const;

/** A person's newest bulk changes, 20 at most. */
export async function listBulkJobs(actor: Actor | null): Promise<BulkJobView[]> {
  authorizeAny(actor, 'model.edit');
  if (actor === null) return [];
  const jobs = await db().bulkJob.findMany({
    where: { ownerId: actor.id },
    orderBy: { id: 'desc' },
    take: SHOWN_JOBS,
    include: VIEW,
  });
  return await present(jobs);
}

/** One bulk change: one's own, or anybody's for administrators. Throws AppError. */
export async function getBulkJob(actor: Actor | null, id: number): Promise<BulkJobView> {
  await requireOwnJob(actor, id);
  const [view] = await present([await db().bulkJob.findUniqueOrThrow({ where: { id }, include: VIEW })]);
  if (view === undefined) throw new Error('One job has one view.');
  return view;
}

/** What became of its models, in the order of their ids: of one state, or of all; 100 after that of `after`. Throws AppError. */
export async function listBulkItems(
  actor: Actor | null,
  id: number,
  { state, after = 0 }: { state?: BulkItemState | undefined; after?: number } = {},
): Promise<BulkItemsPage> {
  await requireOwnJob(actor, id);
  const items = await db().bulkItem.findMany({
    where: { jobId: id, modelId: { gt: after }, ...(state === undefined ? {} : { state }) },
    orderBy: { modelId: 'asc' },
    take: PAGE + 1,
    select: { modelId: true, name: true, state: true, reason: true },
  });
  const page = items.slice(0, PAGE);
  return { items: page, next: items.length > PAGE ? (page.at(-1)?.modelId ?? null) : null };
}

async function present(jobs: readonly Prisma.BulkJobGetPayload<{ include: typeof VIEW }>[]): Promise<BulkJobView[]> {
  const counted = await db().bulkItem.groupBy({
    by: ['jobId', 'state'],
    where: { jobId: { in: jobs.map(({ id }) => id) } },
    _count: true,
  });
  const open = await countOpenProposals(jobs.map(({ id }) => id));
  return jobs.map((job) => {
    const counts: Record<BulkItemState, number> = { waiting: 0, proposed: 0, changed: 0, unchanged: 0, refused: 0 };
    for (const { jobId, state, _count } of counted) if (jobId === job.id) counts[state] = _count;
    const isEnded = job.state === 'done' || job.state === 'cancelled';
    const kind = isBulkAction(job.action) ? findBulkAction(job.action).kind : null;
    const keepsBefore = job.action === 'undo' || kind === 'fields' || kind === 'proposals';
    return {
      id: job.id,
      title: titleOf(job.action, job.params),
      state: job.state,
      owner: job.owner.name,
      createdAt: job.createdAt.toISOString(),
      endedAt: job.endedAt?.toISOString() ?? null,
      total: Object.values(counts).reduce((sum, count) => sum + count, 0),
      counts,
      undoOfId: job.undoOfId,
      undoId: job.undo?.id ?? null,
      isUndoable: keepsBefore,
      openProposals: job.action === 'identify' ? (open.get(job.id) ?? 0) : null,
      canUndo: keepsBefore && isEnded && job.undo === null && counts.changed > 0,
    };
  });
}
