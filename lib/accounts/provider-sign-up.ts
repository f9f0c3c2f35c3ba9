import { APIError } from 'better-auth/api';
import { audit } from '../audit/index.ts';
import { config } from '../config.ts';
import { db } from '../db/index.ts';
import { findInvitationFor, spendInvitation } from './invitations.ts';
import type { Role } from './permissions.ts';
import { OIDC_PROVIDER } from './plugins.ts';

/**
 * The role of somebody without an account who signs in with the OpenID provider: the one of an open invitation for the
 * address, or else of the setting. Throws APIError where neither lets them in, or the provider has not verified the address.
 */
export async function roleFromProvider({
  email,
  emailVerified,
}: {
  email: string;
  emailVerified?: boolean;
}): Promise<Role> {
  if (emailVerified !== true) throw refusal('email_not_verified', 'The provider has not verified your e-mail address.');
  const invitation = await findInvitationFor(email);
  if (invitation !== null) return invitation.role;
  const signUp = config().oidc?.signUp ?? 'closed';
  if (signUp === 'closed') throw refusal('signup_disabled', 'You have no account here. Ask an administrator for one.');
  return signUp;
}

/** Writes down an account that was made so, and spends its invitation. */
export async function enterFromProvider({
  id,
  name,
  email,
}: {
  id: string;
  name: string;
  email: string;
}): Promise<void> {
  const invitation = await findInvitationFor(email);
  await db().$transaction(async (tx) => {
    const { role } = await tx.user.findUniqueOrThrow({ where: { id }, select: { role: true } });
    await audit(tx, {
      actor: id,
      action: 'user.create',
      subject: 'user',
      subjectId: id,
      after: { name, email, role, provider: 'oidc' },
    });
    if (invitation !== null) await spendInvitation(tx, { id: invitation.id, role }, id);
  });
}

/** Enters a link into the audit log, also one that a sign-in with a verified address made. */
export async function enterProviderLink({
  userId,
  providerId,
  accountId,
}: {
  userId: string;
  providerId: string;
  accountId: string;
}): Promise<void> {
  if (providerId !== OIDC_PROVIDER) return;
  await db().$transaction((tx) =>
    audit(tx, {
      actor: userId,
      action: 'user.link-provider',
      subject: 'user',
      subjectId: userId,
      after: { account: accountId },
    }),
  );
}

function refusal(code: string, message: string): APIError {
  return new APIError('FORBIDDEN', { code, message });
}
