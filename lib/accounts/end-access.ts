import type { Tx } from '../db/index.ts';

/** Ends every session, token and link of an account, in the caller's transaction. Returns how many of each. */
export async function endAccess(tx: Tx, userId: string): Promise<{ sessions: number; tokens: number }> {
  const sessions = await tx.session.deleteMany({ where: { userId } });
  const tokens = await tx.apiToken.updateMany({ where: { userId, revokedAt: null }, data: { revokedAt: new Date() } });
  // Links to set a password, trusted devices and half-finished sign-ins name the account as their value.
  await tx.verification.deleteMany({ where: { value: userId } });
  return { sessions: sessions.count, tokens: tokens.count };
}
