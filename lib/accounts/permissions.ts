import { AppError } from '../errors.ts';

export type Role = 'viewer' | 'uploader' | 'moderator' | 'admin';

/** Who asks. Null stands for a visitor who is not signed in. */
export interface Actor {
  id: string;
  name: string;
  email: string;
  role: Role;
  /** True for the token of a worker on another machine: it may move bytes of the store. */
  isWorker?: boolean;
}

type Grantee = 'anyone' | 'owner' | Role;

/**
 * Who may do what. `anyone` includes visitors; a role includes every role above it
 * (viewer < uploader < moderator < admin); `owner` is who uploaded the model at hand.
 */
const PERMISSIONS = {
  'catalog.read': ['anyone'],
  'model.read-unpublished': ['owner', 'moderator'],
  'model.edit': ['owner', 'moderator'],
  'model.delete': ['owner', 'moderator'],
  'file.download': ['anyone'],
  'file.fetch-quarantined': ['moderator'],
  'file.disarm': ['moderator'],
  'file.retry': ['owner', 'moderator'],
  'file.measure': ['uploader'],
  'upload.create': ['uploader'],
  'upload.read-all': ['moderator'],
  'preview.render': ['owner', 'moderator'],
  'picture.upload': ['owner', 'moderator'],
  'picture.delete': ['owner', 'moderator'],
  'picture.flag': ['uploader'],
  'previews.manage': ['admin'],
  'token.create': ['viewer'],
  'token.create-worker': ['admin'],
  'jobs.read': ['admin'],
  'audit.read': ['admin'],
  'users.manage': ['admin'],
} as const satisfies Record<string, readonly Grantee[]>;

export type Action = keyof typeof PERMISSIONS;

/** What a visitor who is not signed in may do too. */
type OpenAction = { [A in Action]: 'anyone' extends (typeof PERMISSIONS)[A][number] ? A : never }[Action];

/** What takes an account: who may do one of these is somebody. */
export type AccountAction = Exclude<Action, OpenAction>;

const RANK: Record<Role, number> = { viewer: 0, uploader: 1, moderator: 2, admin: 3 };

/** True when `actor` may do `action`; `ownerId` names the owner of what it is done to, where there is one. */
export function can(actor: Actor | null, action: Action, ownerId: string | null = null): boolean {
  const allowed: readonly Grantee[] = PERMISSIONS[action];
  return allowed.some((grantee) => {
    if (grantee === 'anyone') return true;
    if (actor === null) return false;
    if (grantee === 'owner') return ownerId !== null && ownerId === actor.id;
    return RANK[actor.role] >= RANK[grantee];
  });
}

/** Throws AppError `not_signed_in` or `forbidden` unless `actor` may do `action`; past it an actor is somebody where it takes an account. */
export function authorize(actor: Actor | null, action: AccountAction, ownerId?: string | null): asserts actor is Actor;
export function authorize(actor: Actor | null, action: OpenAction, ownerId?: string | null): void;
export function authorize(actor: Actor | null, action: Action, ownerId: string | null = null): void {
  if (can(actor, action, ownerId)) return;
  requireSignedIn(actor);
  throw new AppError(
    'forbidden',
    `Your role (${actor.role}) does not allow this. Ask an administrator to change your role.`,
  );
}

/** Throws AppError `not_signed_in` for a visitor. */
export function requireSignedIn(actor: Actor | null): asserts actor is Actor {
  if (actor === null) throw new AppError('not_signed_in', 'Sign in first.');
}
