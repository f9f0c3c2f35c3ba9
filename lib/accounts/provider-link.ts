import { audit } from '../audit/index.ts';
import { config } from '../config.ts';
import { db, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { auth, FRESH_S } from './auth.ts';
import { NOT_FRESH } from './call-auth.ts';
import { type Actor, authorize } from './permissions.ts';
import { OIDC_PROVIDER } from './plugins.ts';

/** Since when the account of whoever asks is linked to the OpenID provider; null where it is not. */
export async function readProviderLink(actor: Actor | null): Promise<{ linkedAt: string } | null> {
  authorize(actor, 'account.manage');
  const link = await db().account.findFirst({
    where: { userId: actor.id, providerId: OIDC_PROVIDER },
    orderBy: { createdAt: 'asc' },
  });
  return link === null ? null : { linkedAt: link.createdAt.toISOString() };
}

/** Ends the link of the own account with the OpenID provider, in a fresh session. Throws AppError `conflict` where it is the last way to sign in. */
export async function unlinkProvider(actor: Actor | null, headers: Headers): Promise<void> {
  authorize(actor, 'account.manage');
  await requireFreshSession(headers);
  await db().$transaction(async (tx) => {
    await lockWaysOf(tx, actor.id);
    const { count } = await tx.account.deleteMany({ where: { userId: actor.id, providerId: OIDC_PROVIDER } });
    if (count === 0) throw new AppError('not_found', 'This account is not linked to the provider.');
    await requireWayIn(tx, actor.id);
    // The next sign-in at the provider would link the account again, where the address counts as verified here.
    await tx.user.update({ where: { id: actor.id }, data: { emailVerified: false } });
    await audit(tx, { actor: actor.id, action: 'user.unlink-provider', subject: 'user', subjectId: actor.id });
  });
}

/**
 * Refuses whoever has no session of the last hour: who finds an open browser must not be able to change how an account
 * is opened. Throws AppError `forbidden`.
 */
export async function requireFreshSession(headers: Headers): Promise<void> {
  const found = await (await auth(headers)).api.getSession({ headers });
  if (found === null) throw new AppError('forbidden', 'Sign in with your browser to do this.');
  if (Date.now() - found.session.createdAt.getTime() >= FRESH_S * 1000) throw new AppError('forbidden', NOT_FRESH);
}

/** Makes others that would take a way of signing in from the same account wait. */
export async function lockWaysOf(tx: Tx, userId: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM "user" WHERE id = ${userId} FOR UPDATE`;
}

/** Throws AppError `conflict` where nothing is left with which an account is opened: a password, a passkey, or a link to the provider that is set. */
export async function requireWayIn(tx: Tx, userId: string): Promise<void> {
  const passwords = await tx.account.count({ where: { userId, providerId: 'credential', password: { not: null } } });
  const links = config().oidc === null ? 0 : await tx.account.count({ where: { userId, providerId: OIDC_PROVIDER } });
  const passkeys = await tx.passkey.count({ where: { userId } });
  if (passwords + links + passkeys === 0)
    throw new AppError(
      'conflict',
      'This is the only way to sign in to your account. Set a password or add a passkey first.',
    );
}
