export { actorOf } from './actor.ts';
export { auth, ensureAdmin, hasAnyUser } from './auth.ts';
export { createPasswordLink, type PasswordLink, resetPassword } from './password-links.ts';
export {
  type AccountAction,
  type Action,
  type Actor,
  authorize,
  authorizeAny,
  can,
  type OpenAction,
  type Role,
} from './permissions.ts';
export { SCOPE_WORDS, SCOPES, type Scope, SESSION_GRANT } from './scopes.ts';
export { createApiToken, createOwnToken, listApiTokens, revokeApiToken, type TokenView } from './tokens.ts';
export {
  createUser,
  disableUser,
  enableUser,
  findUser,
  listUsers,
  NEW_USER,
  type NewUser,
  ROLES,
  removeUser,
  setRole,
  type UserView,
} from './users.ts';
