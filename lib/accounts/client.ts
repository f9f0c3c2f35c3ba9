/** What of accounts may run in a browser. */
export { ADMIN_SCOPES, SCOPE_WORDS, SCOPES, type Scope } from './scopes.ts';
