import { Stack, Title } from '@mantine/core';
import type { SessionView, TokenView } from '#lib/accounts/index.ts';
import type { QuotaView } from '#lib/quotas/client.ts';
import { PasswordSection } from './password-section.tsx';
import { ProfileSection } from './profile-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import { TokensSection } from './tokens-section.tsx';
import { UsageSection } from './usage-section.tsx';

interface AccountProps {
  person: { name: string; email: string; role: string };
  hasPassword: boolean;
  sessions: SessionView[];
  tokens: TokenView[];
  quota: QuotaView;
}

/** Who one is here, how one signs in, and what is signed in. */
export function Account({ person, hasPassword, sessions, tokens, quota }: AccountProps) {
  return (
    <Stack gap={40} maw={860} mx="auto">
      <Title order={1} fz={26}>
        Account
      </Title>
      <ProfileSection person={person} />
      <UsageSection quota={quota} />
      <PasswordSection hasPassword={hasPassword} />
      <SessionsSection sessions={sessions} />
      <TokensSection tokens={tokens} isAdmin={person.role === 'admin'} />
    </Stack>
  );
}
