/** What of quotas may run in a browser: types alone. */
export type * from './types.ts';
