import { z } from 'zod';
import { Prisma, type Role, type Tx } from '../db/index.ts';
import { QUOTA, type Quota, type QuotaRole } from './types.ts';

const KEY = 'quotas';
const NO_LIMIT: Quota = { bytes: null, files: null };
const STORED = z.object({ viewer: QUOTA.default(NO_LIMIT), uploader: QUOTA.default(NO_LIMIT) });

/** The quota of each role. */
export async function readRoleQuotas(tx: Tx): Promise<Record<Role, Quota>> {
  const row = await tx.setting.findUnique({ where: { key: KEY } });
  return parseRoleQuotas(row?.value);
}

/** The stored value, for statements that read more. */
export const STORED_ROLE_QUOTAS = Prisma.sql`SELECT value FROM setting WHERE key = ${KEY}`;

/** The quota of each role by the stored value. */
export function parseRoleQuotas(value: unknown): Record<Role, Quota> {
  return { ...STORED.parse(value ?? {}), moderator: NO_LIMIT, admin: NO_LIMIT };
}

/** Sets the quota of a role while nobody else does. Returns the one before. */
export async function writeRoleQuota(tx: Tx, role: QuotaRole, quota: Quota): Promise<Quota> {
  await tx.setting.createMany({ data: [{ key: KEY, value: {} }], skipDuplicates: true });
  const [row] = await tx.$queryRaw<{ value: unknown }[]>`SELECT value FROM setting WHERE key = ${KEY} FOR UPDATE`;
  const before = STORED.parse(row?.value ?? {});
  await tx.setting.update({ where: { key: KEY }, data: { value: { ...before, [role]: quota } } });
  return before[role];
}
