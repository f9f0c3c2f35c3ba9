export { actorOf, actorOfUser, bearerOf } from './actor.ts';
export { attempt } from './attempt.ts';
export { auth, ensureAdmin, hasAdministrator } from './auth.ts';
export { answerAuth } from './endpoints.ts';
export { type Attempt, guard } from './guard.ts';
export {
  ACCEPTANCE,
  acceptInvitation,
  createInvitation,
  type InvitationView,
  listInvitations,
  NEW_INVITATION,
  type NewInvitationLink,
  readInvitation,
  revokeInvitation,
} from './invitations.ts';
export { addressOf } from './links.ts';
export { createPasswordLink, mailPasswordLink, type PasswordLink, resetPassword } from './password-links.ts';
export { changePassword, hasPassword } from './passwords.ts';
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
export { EMAIL, NEW_PASSWORD, PERSON_NAME } from './person.ts';
export { readProviderLink, unlinkProvider } from './provider-link.ts';
export { SCOPE_WORDS, SCOPES, type Scope, SESSION_GRANT } from './scopes.ts';
export {
  listSecondFactors,
  type PasskeyView,
  removePasskey,
  renamePasskey,
  resetSecondFactors,
} from './second-factors.ts';
export { readSecret } from './secret.ts';
export {
  endOtherSessions,
  endOwnSession,
  endSessionsOf,
  listOwnSessions,
  listSessionsOf,
  type SessionView,
} from './sessions.ts';
export { readSetupCode } from './setup-code.ts';
export { isSignUpOpen, needsSetupCode } from './sign-up.ts';
export { createApiToken, createOwnToken, listApiTokens, revokeApiToken, type TokenView } from './tokens.ts';
export {
  createUser,
  disableUser,
  editUser,
  enableUser,
  findUser,
  listUsers,
  NEW_USER,
  type NewUser,
  ROLES,
  removeUser,
  renameSelf,
  setRole,
  USER_EDIT,
  type UserView,
} from './users.ts';
