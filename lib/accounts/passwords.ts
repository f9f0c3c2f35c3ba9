import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { auth } from './auth.ts';
import { callAuth } from './call-auth.ts';
import { type Actor, authorize } from './permissions.ts';

/** Whether an account has a password; one that signs in with a provider alone has none. */
export async function hasPassword(userId: string): Promise<boolean> {
  return (await db().account.count({ where: { userId, providerId: 'credential', password: { not: null } } })) > 0;
}

/**
 * Changes the password of the person whose session the headers carry, and ends all their other sessions. Returns the
 * headers that carry the new session. Throws AppError where the current password is wrong.
 */
export async function changePassword(
  actor: Actor | null,
  headers: Headers,
  { current, password }: { current: string; password: string },
): Promise<Headers> {
  authorize(actor, 'account.manage');
  const { api } = await auth(headers);
  const session = await api.getSession({ headers });
  if (session === null) throw new AppError('forbidden', 'Sign in with your browser to change your password.');
  const answer = await callAuth(
    api.changePassword({
      body: { currentPassword: current, newPassword: password, revokeOtherSessions: true },
      headers,
      returnHeaders: true,
    }),
  );
  await db().$transaction((tx) =>
    audit(tx, { actor: actor.id, action: 'user.change-password', subject: 'user', subjectId: session.user.id }),
  );
  return answer.headers;
}
