import { type Actor, can } from '../../accounts/index.ts';
import type { Prisma } from '../../db/index.ts';
import { EVIDENCE, readPlan } from '../columns.ts';
import { PICTURE_INCLUDE, type PictureModel, presentPicture } from '../pictures/index.ts';
import { planTiles } from '../plan/index.ts';
import type { PreviewView } from '../types.ts';

export const PREVIEW_INCLUDE = {
  pictures: { include: PICTURE_INCLUDE, orderBy: { tile: 'asc' } },
} satisfies Prisma.PreviewInclude;
export type LoadedPreview = Prisma.PreviewGetPayload<{ include: typeof PREVIEW_INCLUDE }>;

/** What is known of a preview in addition to its own row. */
export interface PreviewContext {
  model: PictureModel;
  actor: Actor | null;
  stale: boolean;
  profileName: string;
  ahead: number | null;
  /** The model of the checkpoint that it is rendered on, where the person who asks may see it. */
  baseModel: { id: number; slug: string } | null;
}

const UNPLANNED = { layout: 'samples', rows: [], columns: [], tiles: [], notes: [] } as const;

export function presentPreview(preview: LoadedPreview, context: PreviewContext): PreviewView {
  const { model, actor } = context;
  const plan = readPlan(preview.plan);
  // What waits for its base or cannot be rendered has no tiles yet.
  const tilePlan = plan === null ? UNPLANNED : planTiles(plan);
  const show = (picture: LoadedPreview['pictures'][number] | undefined) =>
    picture === undefined ? null : presentPicture(actor, picture, model);
  const isOpen = ['queued', 'waiting_for_base', 'rendering'].includes(preview.state);
  const host = plan === null || plan.host.sha256 === preview.sha256 ? null : plan.host;
  return {
    id: preview.id,
    state: preview.state,
    code: preview.code as PreviewView['code'],
    message: preview.message,
    layout: tilePlan.layout,
    done: preview.done,
    total: preview.total,
    ahead: context.ahead,
    attempt: preview.attempt,
    profile: { id: preview.profileId, name: context.profileName, version: preview.profileVersion },
    stale: context.stale,
    base: host === null ? null : { name: host.name, sha256: host.sha256, model: context.baseModel },
    axes: { rows: [...tilePlan.rows], columns: [...tilePlan.columns] },
    tiles: tilePlan.tiles.map(({ row, column, label, loraWeight, request }, index) => ({
      row,
      column,
      label,
      loraWeight,
      seed: request.seed,
      width: request.width,
      height: request.height,
      picture: show(preview.pictures.find(({ kind, tile }) => kind === 'tile' && tile === index)),
    })),
    grid: show(preview.pictures.find(({ kind }) => kind === 'grid')),
    notes: [...tilePlan.notes],
    evidence: EVIDENCE.tryRead(preview.report),
    createdAt: preview.createdAt.toISOString(),
    endedAt: preview.endedAt?.toISOString() ?? null,
    may: { cancel: isOpen && can(actor, 'preview.render', model.ownerId) },
  };
}
