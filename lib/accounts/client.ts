/** What of accounts may run in a browser: words and types, nothing that reaches the database. */
export { ROLE_NAMES, roleName } from './roles.ts';
export { ADMIN_SCOPES, SCOPE_WORDS, SCOPES, type Scope } from './scopes.ts';
