export { listProfileIds } from './choose-profile.ts';
export { ENGINE_BASES, type PlanContext, type Planned, planPreview } from './plan-preview.ts';
export { isSamePlan, planTiles } from './plan-tiles.ts';
export type { PlannedTile, PreviewHost, PreviewPlan, PreviewSubject, TilePlan } from './preview-plan.ts';
