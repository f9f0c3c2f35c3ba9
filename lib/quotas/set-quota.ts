import { type Actor, authorize } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { db, Prisma } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { readRoleQuotas, writeRoleQuota } from './role-quotas.ts';
import type { Quota, QuotaRole, QuotaView } from './types.ts';
import { OWN_QUOTA, readUsage } from './usage.ts';

/** What one has and may have. */
export async function readOwnQuota(actor: Actor | null): Promise<QuotaView> {
  authorize(actor, 'upload.list');
  return await readUsage(db(), actor.id);
}

/** The same of anybody. Throws AppError. */
export async function readQuotaOf(actor: Actor | null, userId: string): Promise<QuotaView> {
  authorize(actor, 'users.manage');
  return await readUsage(db(), userId);
}

/**
 * Sets a person's quota; null takes that of the role again. Less than the person has deletes nothing: it only keeps more
 * from coming. Throws AppError.
 */
export async function setQuotaOf(actor: Actor | null, userId: string, quota: Quota | null): Promise<void> {
  authorize(actor, 'users.manage');
  await db().$transaction(async (tx) => {
    const [user] = await tx.$queryRaw<{ quota: unknown }[]>`SELECT quota FROM "user" WHERE id = ${userId} FOR UPDATE`;
    if (user === undefined) throw new AppError('not_found', 'User not found.');
    await tx.user.update({
      where: { id: userId },
      data: { quota: quota === null ? Prisma.DbNull : OWN_QUOTA.write(quota) },
    });
    await audit(tx, {
      actor: actor.id,
      action: 'user.quota',
      subject: 'user',
      subjectId: userId,
      before: { quota: OWN_QUOTA.tryRead(user.quota) },
      after: { quota },
    });
  });
}

/** The quotas of roles. */
export async function listRoleQuotas(actor: Actor | null): Promise<Record<QuotaRole, Quota>> {
  authorize(actor, 'users.manage');
  const { viewer, uploader } = await readRoleQuotas(db());
  return { viewer, uploader };
}

/** Sets the quota of everybody with a role who has none of their own. */
export async function setRoleQuota(actor: Actor | null, role: QuotaRole, quota: Quota): Promise<void> {
  authorize(actor, 'users.manage');
  await db().$transaction(async (tx) => {
    const before = await writeRoleQuota(tx, role, quota);
    await audit(tx, {
      actor: actor.id,
      action: 'quotas.defaults',
      subject: 'setting',
      subjectId: 'quotas',
      before: { role, quota: before },
      after: { role, quota },
    });
  });
}
