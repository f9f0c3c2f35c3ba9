import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { type Actor, authorize } from './permissions.ts';
import { lockWaysOf, requireWayIn } from './provider-link.ts';

export interface PasskeyView {
  id: string;
  name: string;
  createdAt: string | null;
}

/** How the person who asks signs in, beside the password. */
export async function listSecondFactors(actor: Actor | null): Promise<{ totp: boolean; passkeys: PasskeyView[] }> {
  authorize(actor, 'account.manage');
  const { twoFactorEnabled, passkeys } = await db().user.findUniqueOrThrow({
    where: { id: actor.id },
    select: { twoFactorEnabled: true, passkeys: { orderBy: { createdAt: 'asc' } } },
  });
  return {
    totp: twoFactorEnabled,
    passkeys: passkeys.map(({ id, name, createdAt }) => ({
      id,
      name: name || 'Passkey',
      createdAt: createdAt?.toISOString() ?? null,
    })),
  };
}

export async function renamePasskey(actor: Actor | null, id: string, name: string): Promise<void> {
  authorize(actor, 'account.manage');
  const { count } = await db().passkey.updateMany({ where: { id, userId: actor.id }, data: { name } });
  if (count === 0) throw new AppError('not_found', 'Passkey not found.');
}

/** Removes one of the own passkeys: it signs in no more. Throws AppError `conflict` where nothing else signs in. */
export async function removePasskey(actor: Actor | null, id: string): Promise<void> {
  authorize(actor, 'account.manage');
  await db().$transaction(async (tx) => {
    await lockWaysOf(tx, actor.id);
    const { count } = await tx.passkey.deleteMany({ where: { id, userId: actor.id } });
    if (count === 0) throw new AppError('not_found', 'Passkey not found.');
    await requireWayIn(tx, actor.id);
    await audit(tx, { actor: actor.id, action: 'user.remove-passkey', subject: 'user', subjectId: actor.id });
  });
}

/**
 * Takes the second factor and the passkeys from an account, for somebody who has lost the device: the password, or a
 * link to set one, signs in again. Ends its sessions. Throws AppError `conflict` where there is nothing to take.
 */
export async function resetSecondFactors(actor: Actor | null, userId: string): Promise<void> {
  authorize(actor, 'users.manage');
  await db().$transaction(async (tx) => {
    const user = await tx.user.findUnique({ where: { id: userId }, select: { twoFactorEnabled: true } });
    if (user === null) throw new AppError('not_found', 'User not found.');
    const passkeys = await tx.passkey.deleteMany({ where: { userId } });
    await tx.twoFactor.deleteMany({ where: { userId } });
    if (!user.twoFactorEnabled && passkeys.count === 0)
      throw new AppError('conflict', 'This account has no two-factor authentication and no passkeys.');
    await tx.user.update({ where: { id: userId }, data: { twoFactorEnabled: false } });
    await tx.session.deleteMany({ where: { userId } });
    await tx.verification.deleteMany({ where: { value: userId } });
    await audit(tx, {
      actor: actor.id,
      action: 'user.reset-two-factor',
      subject: 'user',
      subjectId: userId,
      before: { totp: user.twoFactorEnabled, passkeys: passkeys.count },
    });
  });
}
