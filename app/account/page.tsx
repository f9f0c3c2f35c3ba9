import { headers } from 'next/headers';
import { hasPassword, listApiTokens, listOwnSessions, listSecondFactors } from '#lib/accounts/index.ts';
import { config } from '#lib/config.ts';
import { readOwnQuota } from '#lib/quotas/index.ts';
import { requireVisitor } from '../visitor.ts';
import { Account } from './account.tsx';

export const metadata = { title: 'Account' };

export default async function AccountPage() {
  const actor = await requireVisitor('/account');
  const { name, email, role } = actor;
  const sent = await headers();
  const [withPassword, factors, sessions, tokens, quota] = await Promise.all([
    hasPassword(actor.id),
    listSecondFactors(actor),
    listOwnSessions(actor, sent),
    listApiTokens(actor),
    readOwnQuota(actor),
  ]);
  // A browser keeps a passkey for one name of the catalog; without a public address, that is `localhost`.
  const passkeysAvailable = config().publicUrl !== null || /^localhost(:|$)/.test(sent.get('host') ?? '');
  return (
    <Account
      person={{ name, email, role }}
      hasPassword={withPassword}
      factors={{ ...factors, passkeysAvailable }}
      sessions={sessions}
      tokens={tokens}
      quota={quota}
    />
  );
}
