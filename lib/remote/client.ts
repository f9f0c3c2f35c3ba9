/** What of imports from links may run in a browser. */
export * from './types.ts';
