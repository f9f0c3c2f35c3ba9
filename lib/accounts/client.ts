/** What of accounts may run in a browser: words and types, nothing that reaches the database. */
export { ATTEMPTS, FAILURES, type FailureReason, type Guarded } from './attempts.ts';
export { ROLE_NAMES, roleName } from './roles.ts';
export { ADMIN_SCOPES, SCOPE_WORDS, SCOPES, type Scope } from './scopes.ts';
