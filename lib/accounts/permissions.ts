import { AppError } from '../errors.ts';
import type { Scope } from './scopes.ts';

export type Role = 'viewer' | 'uploader' | 'moderator' | 'admin';

/** Who asks. Null stands for a visitor who is not signed in. */
export interface Actor {
  id: string;
  name: string;
  email: string;
  role: Role;
  /** What of that role may be used: everything in a session, and the scopes of an API token. */
  grant: readonly Scope[];
}

type Grantee = 'anyone' | 'owner' | Role;

/**
 * Who may do what, and the scope that it takes. `anyone` includes visitors; a role includes every role above it
 * (viewer < uploader < moderator < admin); `owner` is who uploaded the model at hand. What opens the gate or reaches
 * beyond one's own things, as moderators do, takes more of a token than the same on one's own.
 */
export const PERMISSIONS = {
  'catalog.read': { anyone: 'read' },
  'model.read-unpublished': { owner: 'read', moderator: 'admin' },
  'model.edit': { owner: 'write', moderator: 'write' },
  'model.delete': { owner: 'write', moderator: 'write' },
  'model.add-version': { owner: 'upload', moderator: 'write' },
  'file.download': { anyone: 'read' },
  'file.fetch-quarantined': { moderator: 'admin' },
  'file.disarm': { moderator: 'admin' },
  'file.retry': { owner: 'write', moderator: 'write' },
  'file.measure': { uploader: 'write' },
  'upload.create': { uploader: 'upload' },
  'upload.list': { viewer: 'read' },
  'upload.read-all': { moderator: 'admin' },
  'events.read': { viewer: 'read' },
  'preview.render': { owner: 'write', moderator: 'write' },
  'picture.upload': { owner: 'upload', moderator: 'write' },
  'picture.delete': { owner: 'write', moderator: 'write' },
  'picture.flag': { uploader: 'write' },
  'previews.manage': { admin: 'admin' },
  'store.transfer': { admin: 'worker' },
  'token.manage': { viewer: 'admin' },
  'account.manage': { viewer: 'admin' },
  'imports.manage': { admin: 'admin' },
  'jobs.read': { admin: 'admin' },
  'audit.read': { admin: 'admin' },
  'users.manage': { admin: 'admin' },
} as const satisfies Record<string, Partial<Record<Grantee, Scope>>>;

export type Action = keyof typeof PERMISSIONS;

/** What a visitor who is not signed in may do too. */
export type OpenAction = {
  [A in Action]: 'anyone' extends keyof (typeof PERMISSIONS)[A] ? A : never;
}[Action];

/** What takes an account: who may do one of these is somebody. */
export type AccountAction = Exclude<Action, OpenAction>;

const RANK: Record<Role, number> = { viewer: 0, uploader: 1, moderator: 2, admin: 3 };

/** The scopes that would do, one for each reason why `actor` might; none where the role allows it in no way. */
function scopesFor(actor: Actor, action: Action, ownerId: string | null): Scope[] {
  return Object.entries(PERMISSIONS[action]).flatMap(([grantee, scope]) => {
    if (grantee === 'anyone') return [scope];
    if (grantee === 'owner') return ownerId !== null && ownerId === actor.id ? [scope] : [];
    return RANK[actor.role] >= RANK[grantee as Role] ? [scope] : [];
  });
}

/** True when `actor` may do `action`; `ownerId` names the owner of what it is done to, where there is one. */
export function can(actor: Actor | null, action: Action, ownerId: string | null = null): boolean {
  if (actor === null) return 'anyone' in PERMISSIONS[action];
  return scopesFor(actor, action, ownerId).some((scope) => actor.grant.includes(scope));
}

/** Throws AppError `not_signed_in` or `forbidden` unless `actor` may do `action`; past it an actor is somebody where it takes an account. */
export function authorize(actor: Actor | null, action: AccountAction, ownerId?: string | null): asserts actor is Actor;
export function authorize(actor: Actor | null, action: Action, ownerId?: string | null): void;
export function authorize(actor: Actor | null, action: Action, ownerId: string | null = null): void {
  if (can(actor, action, ownerId)) return;
  requireSignedIn(actor);
  const scopes = scopesFor(actor, action, ownerId);
  throw new AppError(
    'forbidden',
    scopes.length === 0
      ? `Your role (${actor.role}) does not allow this. Ask an administrator to change your role.`
      : `This takes an API token with the scope ${[...new Set(scopes)].map((scope) => `\`${scope}\``).join(' or ')}.`,
  );
}

/** The same before it is known whose the thing is: refuses whoever may not even where it is their own. */
export function authorizeAny(actor: Actor | null, action: Action): void {
  authorize(actor, action, actor?.id);
}

/** Throws AppError `not_signed_in` for a visitor. */
export function requireSignedIn(actor: Actor | null): asserts actor is Actor {
  if (actor === null) throw new AppError('not_signed_in', 'Sign in first.');
}
