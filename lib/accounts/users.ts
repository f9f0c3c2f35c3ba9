import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { type Actor, authorize, type Role } from './permissions.ts';

export const ROLES: readonly Role[] = ['viewer', 'uploader', 'moderator', 'admin'];

export interface UserView {
  id: string;
  name: string;
  email: string;
  role: Role;
  createdAt: string;
  models: number;
}

export async function listUsers(actor: Actor | null): Promise<UserView[]> {
  authorize(actor, 'users.manage');
  const users = await db().user.findMany({
    orderBy: { createdAt: 'asc' },
    include: { _count: { select: { models: true } } },
  });
  return users.map(({ id, name, email, role, createdAt, _count }) => ({
    id,
    name,
    email,
    role,
    createdAt: createdAt.toISOString(),
    models: _count.models,
  }));
}

/** The user with this e-mail address, or for null the administrator of longest standing. Throws AppError `not_found`. */
export async function findUser(email: string | null): Promise<{ id: string; email: string; role: Role }> {
  const user = await db().user.findFirst({
    where: email === null ? { role: 'admin' } : { email: email.toLowerCase() },
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

/** Gives a user another role. The last administrator keeps the role, or nobody could give it back. */
export async function setRole(actor: Actor | null, userId: string, role: Role): Promise<void> {
  authorize(actor, 'users.manage');
  await db().$transaction(async (tx) => {
    // All administrators' rows, so that two who take the role from each other wait for one another.
    const admins = await tx.$queryRaw<
      { id: string }[]
    >`SELECT id FROM "user" WHERE role = 'admin' ORDER BY id FOR UPDATE`;
    const user = await tx.user.findUnique({ where: { id: userId } });
    if (user === null) throw new AppError('not_found', 'User not found.');
    if (role !== 'admin' && admins.length === 1 && admins[0]?.id === userId) {
      throw new AppError('conflict', 'This is the only administrator. Make another user administrator first.');
    }
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
