import { randomBytes } from 'node:crypto';
import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { canSendMail } from '../mail/index.ts';
import { authWithoutRequest } from './auth.ts';
import { callAuth } from './call-auth.ts';
import { passwordPath } from './links.ts';
import { type Actor, authorize } from './permissions.ts';

/** A link to set a password works this long. */
const LINK_HOURS = 24;
/** Where better-auth keeps them; it stores the SHA-256 of the whole. */
const KIND = 'reset-password:';

export interface PasswordLink {
  /** Of the page that sets the password, with the secret in it. */
  path: string;
  expiresAt: string;
}

/** Makes a link with which a person sets a new password, once. Earlier links of the account end. */
export async function createPasswordLink(actor: Actor | null, userId: string): Promise<PasswordLink> {
  authorize(actor, 'users.manage');
  const user = await db().user.findUnique({ where: { id: userId }, select: { disabledAt: true } });
  if (user === null) throw new AppError('not_found', 'User not found.');
  if (user.disabledAt !== null) throw new AppError('conflict', 'This account is disabled. Enable it first.');
  const { internalAdapter } = await (await authWithoutRequest()).$context;
  const token = randomBytes(24).toString('base64url');
  const expiresAt = new Date(Date.now() + LINK_HOURS * 3_600_000);
  await db().verification.deleteMany({ where: { value: userId } });
  await internalAdapter.createVerificationValue({ identifier: KIND + token, value: userId, expiresAt });
  await db().$transaction((tx) =>
    audit(tx, {
      actor: actor.id,
      action: 'user.password-link',
      subject: 'user',
      subjectId: userId,
      after: { expiresAt: expiresAt.toISOString() },
    }),
  );
  return { path: passwordPath(token), expiresAt: expiresAt.toISOString() };
}

/**
 * Sends a link to set a password to this address, if there is an account with it that is not disabled. Tells nobody
 * whether there is one: it returns before that is known. Throws AppError `unavailable` where no mail server is set.
 */
export function mailPasswordLink(email: string): void {
  if (!canSendMail())
    throw new AppError(
      'unavailable',
      'This catalog sends no e-mail. Ask an administrator for a link to set a new password.',
    );
  void authWithoutRequest()
    .then(({ api }) => api.requestPasswordReset({ body: { email } }))
    .catch((error: Error) => log('accounts').error({ error: error.message }, 'A link by e-mail was not sent.'));
}

/** Sets the password of the account that a link is for, ends the account's sessions, and spends the link. */
export async function resetPassword(token: string, newPassword: string): Promise<void> {
  const { api, $context } = await authWithoutRequest();
  const { internalAdapter } = await $context;
  const found = await internalAdapter.findVerificationValue(KIND + token);
  const user = found && (await db().user.findUnique({ where: { id: found.value }, select: { disabledAt: true } }));
  if (found === null || user === null || user.disabledAt !== null || found.expiresAt < new Date()) throw spent();
  await callAuth(api.resetPassword({ body: { token, newPassword } }));
  await db().$transaction((tx) =>
    audit(tx, { actor: found.value, action: 'user.password-reset', subject: 'user', subjectId: found.value }),
  );
}

function spent(): AppError {
  return new AppError('bad_request', 'This link is invalid, has expired or was used already. Ask for a new one.');
}
