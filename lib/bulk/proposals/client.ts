/** What of proposals may run in a browser. */
export type { ProposalFilter } from './filter.ts';
