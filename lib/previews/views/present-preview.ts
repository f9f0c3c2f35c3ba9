import { type Actor, can } from '../../accounts/index.ts';
import type { Prisma } from '../../db/index.ts';
import { PICTURE_INCLUDE, type PictureModel, presentPicture } from '../pictures/index.ts';
import { type PreviewPlan, planTiles } from '../plan/index.ts';
import type { EvidenceView, PreviewView } from '../types.ts';

export const PREVIEW_INCLUDE = {
  pictures: { include: PICTURE_INCLUDE, orderBy: { tile: 'asc' } },
} satisfies Prisma.PreviewInclude;
export type LoadedPreview = Prisma.PreviewGetPayload<{ include: typeof PREVIEW_INCLUDE }>;

/** What is known of a preview beside its own row. */
export interface PreviewContext {
  model: PictureModel;
  actor: Actor | null;
  stale: boolean;
  profileName: string;
  ahead: number | null;
  /** The model of the checkpoint that it is drawn on, where the person who asks may see it. */
  baseModel: { id: number; slug: string } | null;
}

const UNPLANNED = { layout: 'samples', rows: [], columns: [], tiles: [], notes: [] } as const;

export function presentPreview(preview: LoadedPreview, context: PreviewContext): PreviewView {
  const { model, actor } = context;
  const plan = preview.plan as unknown as PreviewPlan;
  // What waits for its base or cannot be drawn has no tiles yet.
  const tilePlan = 'host' in plan ? planTiles(plan) : UNPLANNED;
  const show = (picture: LoadedPreview['pictures'][number] | undefined) =>
    picture === undefined ? null : presentPicture(actor, picture, model);
  const isOpen = ['queued', 'waiting_for_base', 'rendering'].includes(preview.state);
  const isAdapter = 'host' in plan && plan.host.sha256 !== preview.sha256;
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
    base: isAdapter ? { name: plan.host.name, sha256: plan.host.sha256, model: context.baseModel } : null,
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
    evidence: preview.report as unknown as EvidenceView | null,
    createdAt: preview.createdAt.toISOString(),
    endedAt: preview.endedAt?.toISOString() ?? null,
    may: { cancel: isOpen && can(actor, 'preview.render', model.ownerId) },
  };
}
