export { backfillPreviews, planOutdated, replanBase } from './backfill.ts';
export { type BaseCandidate, listBaseCandidates } from './choose-base.ts';
export { type LoadedSubject, loadSubject } from './load-subject.ts';
export { planModel } from './plan-model.ts';
export { cancelPreview, renderAgain } from './preview-actions.ts';
