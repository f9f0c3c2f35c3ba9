import { z } from 'zod';
import { audit } from '../audit/index.ts';
import { db, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { endAccess } from './end-access.ts';
import { insertUser } from './insert-user.ts';
import { type Actor, authorize, type Role } from './permissions.ts';
import { EMAIL, PERSON_NAME } from './person.ts';

export const ROLES: readonly Role[] = ['viewer', 'uploader', 'moderator', 'admin'];

export interface UserView {
  id: string;
  name: string;
  email: string;
  role: Role;
  disabled: boolean;
  /** Whether a code of an app is asked after the password. */
  twoFactor: boolean;
  passkeys: number;
  createdAt: string;
  models: number;
}

/** An account that an administrator makes. It has no password until its person sets one with a link. */
export const NEW_USER = z.strictObject({ name: PERSON_NAME, email: EMAIL, role: z.enum(ROLES) });
export type NewUser = z.infer<typeof NEW_USER>;

export async function listUsers(actor: Actor | null): Promise<UserView[]> {
  authorize(actor, 'users.manage');
  const users = await db().user.findMany({
    orderBy: { createdAt: 'asc' },
    include: { _count: { select: { models: true, passkeys: true } } },
  });
  return users.map(({ id, name, email, role, disabledAt, twoFactorEnabled, createdAt, _count }) => ({
    id,
    name,
    email,
    role,
    disabled: disabledAt !== null,
    twoFactor: twoFactorEnabled,
    passkeys: _count.passkeys,
    createdAt: createdAt.toISOString(),
    models: _count.models,
  }));
}

/** The user with this e-mail address, or for null the administrator of longest standing. Throws AppError `not_found`. */
export async function findUser(email: string | null): Promise<{ id: string; email: string; role: Role }> {
  const user = await db().user.findFirst({
    where: email === null ? { role: 'admin', disabledAt: null } : { email: email.toLowerCase() },
    orderBy: { createdAt: 'asc' },
    select: { id: true, email: true, role: true },
  });
  if (user !== null) return user;
  throw new AppError(
    'not_found',
    email === null
      ? 'No administrator exists yet. Create the first account at /sign-up, or set WEIGHHOUSE_ADMIN_EMAIL and WEIGHHOUSE_ADMIN_PASSWORD.'
      : `Account ${email} not found.`,
  );
}

/** Makes an account without a password. Throws AppError `conflict` where the address has one. */
export async function createUser(actor: Actor | null, { name, email, role }: NewUser): Promise<{ id: string }> {
  authorize(actor, 'users.manage');
  // Whoever makes the account says that the address is that person's.
  const account = { name, email, role, emailVerified: true, hash: null, by: actor.id };
  const id = await db().$transaction((tx) => insertUser(tx, account));
  if (id === null) throw new AppError('conflict', `An account with the e-mail ${email} exists already.`);
  return { id };
}

export const USER_EDIT = z.strictObject({ name: PERSON_NAME.exactOptional(), email: EMAIL.exactOptional() });
export type UserEdit = z.infer<typeof USER_EDIT>;

/** Changes the name or the e-mail address of an account. Throws AppError `conflict` where another has the address. */
export async function editUser(actor: Actor | null, userId: string, edit: UserEdit): Promise<void> {
  authorize(actor, 'users.manage');
  await changeUser(actor, userId, edit);
}

/** Changes one's own name. */
export async function renameSelf(actor: Actor | null, name: string): Promise<void> {
  authorize(actor, 'account.manage');
  await changeUser(actor, actor.id, { name });
}

async function changeUser(actor: Actor, userId: string, edit: UserEdit): Promise<void> {
  if (Object.keys(edit).length === 0) return;
  await db().$transaction(async (tx) => {
    const before = await tx.user.findUnique({ where: { id: userId }, select: { name: true, email: true } });
    if (before === null) throw new AppError('not_found', 'User not found.');
    const taken = edit.email === undefined ? null : await tx.user.findUnique({ where: { email: edit.email } });
    if (taken !== null && taken.id !== userId)
      throw new AppError('conflict', `An account with the e-mail ${edit.email} exists already.`);
    await tx.user.update({ where: { id: userId }, data: edit });
    await audit(tx, { actor: actor.id, action: 'user.edit', subject: 'user', subjectId: userId, before, after: edit });
  });
}

/** Gives a user another role. The last administrator keeps the role, or nobody could give it back. */
export async function setRole(actor: Actor | null, userId: string, role: Role): Promise<void> {
  authorize(actor, 'users.manage');
  await db().$transaction(async (tx) => {
    const user = await lockUser(tx, userId, { staysAdmin: role === 'admin' });
    await tx.user.update({ where: { id: userId }, data: { role } });
    await audit(tx, {
      actor: actor.id,
      action: 'user.role',
      subject: 'user',
      subjectId: userId,
      before: { role: user.role },
      after: { role },
    });
  });
}

/** Shuts an account: its sessions, tokens and links end with this, and nothing lets it in until it is enabled. */
export async function disableUser(actor: Actor | null, userId: string): Promise<void> {
  authorize(actor, 'users.manage');
  refuseSelf(actor, userId);
  await db().$transaction(async (tx) => {
    const { disabledAt } = await lockUser(tx, userId);
    if (disabledAt !== null) return;
    await tx.user.update({ where: { id: userId }, data: { disabledAt: new Date() } });
    const ended = await endAccess(tx, userId);
    await audit(tx, { actor: actor.id, action: 'user.disable', subject: 'user', subjectId: userId, after: ended });
  });
}

/** Opens a disabled account again. Its person signs in anew; revoked tokens stay revoked. */
export async function enableUser(actor: Actor | null, userId: string): Promise<void> {
  authorize(actor, 'users.manage');
  await db().$transaction(async (tx) => {
    const { disabledAt } = await lockUser(tx, userId, { staysAdmin: true });
    if (disabledAt === null) return;
    await tx.user.update({ where: { id: userId }, data: { disabledAt: null } });
    await audit(tx, { actor: actor.id, action: 'user.enable', subject: 'user', subjectId: userId });
  });
}

/** Removes an account with all that is its person's alone. Its models must have another owner by now, or be deleted. */
export async function removeUser(actor: Actor | null, userId: string): Promise<void> {
  authorize(actor, 'users.manage');
  refuseSelf(actor, userId);
  await db().$transaction(async (tx) => {
    const { name, email, role } = await lockUser(tx, userId);
    if ((await tx.model.count({ where: { ownerId: userId } })) > 0) {
      throw new AppError('conflict', 'This account still owns models. Transfer or delete them first.');
    }
    await endAccess(tx, userId);
    await tx.user.delete({ where: { id: userId } });
    await audit(tx, {
      actor: actor.id,
      action: 'user.remove',
      subject: 'user',
      subjectId: userId,
      before: { name, email, role },
    });
  });
}

/**
 * The row of a user, locked together with those of all administrators, so that two who take the role from each other
 * wait for one another. Throws AppError `not_found`, and `conflict` where no administrator would be left.
 */
async function lockUser(tx: Tx, userId: string, { staysAdmin = false } = {}) {
  const admins = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM "user" WHERE role = 'admin' AND "disabledAt" IS NULL ORDER BY id FOR UPDATE`;
  await tx.$queryRaw`SELECT id FROM "user" WHERE id = ${userId} FOR UPDATE`;
  const user = await tx.user.findUnique({ where: { id: userId } });
  if (user === null) throw new AppError('not_found', 'User not found.');
  if (!staysAdmin && admins.length === 1 && admins[0]?.id === userId) {
    throw new AppError('conflict', 'This is the only administrator. Make another user administrator first.');
  }
  return user;
}

function refuseSelf(actor: Actor, userId: string): void {
  if (actor.id === userId)
    throw new AppError('conflict', 'You cannot do this to your own account. Ask another administrator.');
}
