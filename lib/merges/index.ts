export { cancelMerge, listMerges, recoverMerges } from './list-merges.ts';
export { requestMerge } from './request-merge.ts';
export { runMerge } from './run-merge.ts';
export { MERGE_FORM, type MergeForm, type MergeKind, type MergeView } from './types.ts';
