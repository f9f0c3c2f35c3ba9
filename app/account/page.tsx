import { headers } from 'next/headers';
import { hasPassword, listApiTokens, listOwnSessions } from '#lib/accounts/index.ts';
import { readOwnQuota } from '#lib/quotas/index.ts';
import { requireVisitor } from '../visitor.ts';
import { Account } from './account.tsx';

export const metadata = { title: 'Account' };

export default async function AccountPage() {
  const actor = await requireVisitor('/account');
  const { name, email, role } = actor;
  const [withPassword, sessions, tokens, quota] = await Promise.all([
    hasPassword(actor.id),
    listOwnSessions(actor, await headers()),
    listApiTokens(actor),
    readOwnQuota(actor),
  ]);
  return (
    <Account
      person={{ name, email, role }}
      hasPassword={withPassword}
      sessions={sessions}
      tokens={tokens}
      quota={quota}
    />
  );
}
