/** What of merges may run in a browser: types, nothing that reaches the database. */
export type { MergeForm, MergeKind, MergeStateName, MergeView } from './types.ts';
