/** What of bulk changes may run in a browser. */
export type { BulkActionName } from './actions.ts';
export type { ProposalFilter } from './proposals/client.ts';
export type * from './types.ts';
