import { type Actor, authorize } from '../../accounts/index.ts';
import { db, type Prisma } from '../../db/index.ts';
import { readPlan } from '../columns.ts';
import { planOutdated } from '../schedule/index.ts';
import type { PreviewQueue, PreviewStateName, QueueRow } from '../types.ts';

const SHOWN = 100;
const OPEN: PreviewStateName[] = ['rendering', 'queued', 'waiting_for_base'];

/** What waits, runs and ended last, for administrators. Throws AppError. */
export async function getPreviewQueue(actor: Actor | null): Promise<PreviewQueue> {
  authorize(actor, 'previews.manage');
  const [states, missing, open] = await Promise.all([
    db().preview.groupBy({ by: ['state'], _count: true }),
    db().preview.groupBy({ by: ['base'], where: { state: 'waiting_for_base' }, _count: true }),
    db().preview.findMany({
      where: { state: { in: OPEN } },
      // The enumeration counts `queued` before `rendering`; what runs stands first.
      orderBy: [{ leaseUntil: { sort: 'desc', nulls: 'last' } }, { queuedAt: 'asc' }, { id: 'asc' }],
      take: SHOWN,
    }),
  ]);
  const ended = await db().preview.findMany({
    where: { state: { notIn: OPEN } },
    orderBy: [{ endedAt: { sort: 'desc', nulls: 'last' } }, { id: 'desc' }],
    take: SHOWN - open.length,
  });
  const rows = [...open, ...ended];
  const models = await findModels(rows.map(({ sha256 }) => sha256));
  const countOf = (state: PreviewStateName) => states.find((one) => one.state === state)?._count ?? 0;
  return {
    counts: {
      queued: countOf('queued'),
      waiting_for_base: countOf('waiting_for_base'),
      rendering: countOf('rendering'),
      done: countOf('done'),
      failed: countOf('failed'),
      not_applicable: countOf('not_applicable'),
      cancelled: countOf('cancelled'),
    },
    rows: rows.map((row) => presentRow(row, models.get(row.sha256) ?? null)),
    missingBases: missing.map(({ base, _count }) => ({ base, count: _count })).sort((a, b) => b.count - a.count),
  };
}

/**
 * Has everything planned that nothing, or only an older version of its profile, was rendered of. Returns how many
 * models.
 */
export async function queueOutdated(actor: Actor | null): Promise<number> {
  authorize(actor, 'previews.manage');
  return await planOutdated();
}

function presentRow(row: Prisma.PreviewGetPayload<object>, model: QueueRow['model']): QueueRow {
  const { id, state, code, message, done, total, attempt, worker, log } = row;
  return {
    id,
    state,
    code,
    message,
    done,
    total,
    attempt,
    model,
    base: readPlan(row.plan)?.host.name ?? null,
    worker,
    log,
    createdAt: row.createdAt.toISOString(),
    heartbeatAt: row.heartbeatAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

async function findModels(sha256s: readonly string[]): Promise<Map<string, NonNullable<QueueRow['model']>>> {
  const files = await db().modelFile.findMany({
    where: { convertedSha256: { in: [...sha256s] } },
    orderBy: { id: 'desc' },
    select: {
      convertedSha256: true,
      version: { select: { model: { select: { id: true, slug: true, name: true, base: true, type: true } } } },
    },
  });
  return new Map(files.map(({ convertedSha256, version }) => [convertedSha256 ?? '', version.model]));
}
