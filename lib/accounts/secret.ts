import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { db } from '../db/index.ts';

const SECRET = 'auth-secret';

/** What signs sessions and known devices: one secret for all processes and restarts, made when first wanted. */
export async function readSecret(): Promise<string> {
  await db().setting.createMany({
    data: [{ key: SECRET, value: randomBytes(32).toString('hex') }],
    skipDuplicates: true,
  });
  const { value } = await db().setting.findUniqueOrThrow({ where: { key: SECRET } });
  return z.string().parse(value);
}
