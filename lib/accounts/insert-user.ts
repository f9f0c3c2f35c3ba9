import { randomUUID } from 'node:crypto';
import { audit } from '../audit/index.ts';
import type { Tx } from '../db/index.ts';
import type { Role } from './permissions.ts';

interface NewRow {
  name: string;
  email: string;
  role: Role;
  /** Whether the address is known to be the person's. */
  emailVerified: boolean;
  /** Of the password; null for an account without one. */
  hash: string | null;
  /** Who makes it, where that is somebody else: an id, or `system`. */
  by?: string;
}

/** Makes an account, with its entry in the audit log. Returns its id, or null where the address has an account. */
export async function insertUser(
  tx: Tx,
  { name, email, role, emailVerified, hash, by }: NewRow,
): Promise<string | null> {
  const id = randomUUID();
  const { count } = await tx.user.createMany({
    data: [{ id, name, email, role, emailVerified, updatedAt: new Date() }],
    skipDuplicates: true,
  });
  if (count === 0) return null;
  if (hash !== null) {
    await tx.account.create({
      data: { id: randomUUID(), accountId: id, providerId: 'credential', userId: id, password: hash },
    });
  }
  await audit(tx, {
    actor: by ?? id,
    action: 'user.create',
    subject: 'user',
    subjectId: id,
    after: { name, email, role },
  });
  return id;
}
