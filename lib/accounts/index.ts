export { actorOf, actorOfRequest } from './actor.ts';
export { auth, ensureAdmin, hasAnyUser } from './auth.ts';
export { type AccountAction, type Actor, authorize, can, type Role, requireSignedIn } from './permissions.ts';
export { createApiToken, listApiTokens, revokeApiToken, SCOPES, type Scope, type TokenView } from './tokens.ts';
export { findUser, listUsers, ROLES, setRole, type UserView } from './users.ts';
