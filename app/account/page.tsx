import { headers } from 'next/headers';
import {
  hasPassword,
  listApiTokens,
  listOwnSessions,
  listSecondFactors,
  readProviderLink,
} from '#lib/accounts/index.ts';
import { config } from '#lib/config.ts';
import { readOwnQuota } from '#lib/quotas/index.ts';
import { listSiteTokens } from '#lib/remote/index.ts';
import { requireVisitor } from '../visitor.ts';
import { Account } from './account.tsx';

export const metadata = { title: 'Account' };

type SearchParams = Promise<{ error?: string | string[] }>;

export default async function AccountPage({ searchParams }: { searchParams: SearchParams }) {
  const actor = await requireVisitor('/account');
  const { name, email, role } = actor;
  const sent = await headers();
  const { error } = await searchParams;
  const { oidc } = config();
  const [withPassword, factors, link, sessions, tokens, siteTokens, quota] = await Promise.all([
    hasPassword(actor.id),
    listSecondFactors(actor),
    readProviderLink(actor),
    listOwnSessions(actor, sent),
    listApiTokens(actor),
    listSiteTokens(actor),
    readOwnQuota(actor),
  ]);
  // A browser keeps a passkey for one name of the catalog; without a public address, that is `localhost`.
  const passkeysAvailable = config().publicUrl !== null || /^localhost(:|$)/.test(sent.get('host') ?? '');
  return (
    <Account
      person={{ name, email, role }}
      hasPassword={withPassword}
      factors={{ ...factors, passkeysAvailable }}
      provider={
        oidc && {
          name: oidc.name,
          linkedAt: link?.linkedAt ?? null,
          refused: typeof error === 'string' ? error : null,
        }
      }
      sessions={sessions}
      tokens={tokens}
      siteTokens={siteTokens}
      quota={quota}
    />
  );
}
