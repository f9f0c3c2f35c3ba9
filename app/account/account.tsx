import { Stack, Title } from '@mantine/core';
import type { PasskeyView, SessionView, TokenView } from '#lib/accounts/index.ts';
import type { QuotaView } from '#lib/quotas/client.ts';
import type { Site } from '#lib/remote/client.ts';
import { PasskeysSection } from './passkeys-section.tsx';
import { PasswordSection } from './password-section.tsx';
import { ProfileSection } from './profile-section.tsx';
import { ProviderSection } from './provider-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { SiteTokensSection } from './site-tokens-section.tsx';
import { TokensSection } from './tokens-section.tsx';
import { TwoFactorSection } from './two-factor-section.tsx';
import { UsageSection } from './usage-section.tsx';

interface AccountProps {
  person: { name: string; email: string; role: string };
  hasPassword: boolean;
  factors: { totp: boolean; passkeys: PasskeyView[]; passkeysAvailable: boolean };
  /** Null where no OpenID provider is set. */
  provider: { name: string; linkedAt: string | null; refused: string | null } | null;
  sessions: SessionView[];
  tokens: TokenView[];
  siteTokens: Site[];
  quota: QuotaView;
}

/** Who one is here, how one signs in, and what is signed in. */
export function Account({ person, hasPassword, factors, provider, sessions, tokens, siteTokens, quota }: AccountProps) {
  return (
    <Stack gap={40} maw={860} mx="auto">
      <Title order={1} fz={26}>
        Account
      </Title>
      <ProfileSection person={person} />
      <UsageSection quota={quota} />
      <PasswordSection hasPassword={hasPassword} />
      <TwoFactorSection enabled={factors.totp} hasPassword={hasPassword} />
      <PasskeysSection passkeys={factors.passkeys} available={factors.passkeysAvailable} />
      {provider !== null && <ProviderSection {...provider} />}
      <SessionsSection sessions={sessions} />
      <TokensSection tokens={tokens} isAdmin={person.role === 'admin'} />
      <SiteTokensSection set={siteTokens} />
    </Stack>
  );
}
