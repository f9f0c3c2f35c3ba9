'use client';

import { Button, Group, Paper, Text } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { callApi, messageOf } from '../components/call-api.ts';
import { FormFailure } from '../components/form-failure.tsx';
import { formatDay } from '../components/format.ts';
import { notifyDone } from '../components/notify.ts';
import { Section } from './section.tsx';

/** Why the provider's answer did not link the account, by better-auth's codes. */
const FAILURES: Readonly<Record<string, string>> = {
  access_denied: 'The sign-in at the provider was cancelled.',
  account_already_linked_to_different_user: 'Your account at the provider is linked to another account here.',
  email_does_not_match: 'Your account at the provider has another e-mail than this one.',
  unable_to_link_account: 'The provider has not verified your e-mail, or your session here has ended.',
};

interface ProviderSectionProps {
  /** As the sign-in page names it. */
  name: string;
  linkedAt: string | null;
  /** The code with which a link was refused. */
  refused: string | null;
}

/** The link to the OpenID provider, with which one signs in there. */
export function ProviderSection({ name, linkedAt, refused }: ProviderSectionProps) {
  const router = useRouter();
  const [failure, setFailure] = useState<string | null>(
    refused === null ? null : (FAILURES[refused] ?? 'The provider did not link your account. Try again.'),
  );
  const fail = (error: unknown) => setFailure(messageOf(error));
  const link = () =>
    callApi<{ url: string }>('POST', '/api/auth/link-social', { provider: 'oidc' }).then(
      ({ url }) => window.location.assign(url),
      fail,
    );
  const unlink = () =>
    callApi('DELETE', '/api/account/provider').then(() => {
      setFailure(null);
      notifyDone(`Your account is not linked to ${name} any more.`);
      router.refresh();
    }, fail);
  return (
    <Section
      title={`Sign-in with ${name}`}
      note={
        linkedAt === null
          ? `Link your account to ${name} to sign in there. It needs the same e-mail, which ${name} has verified.`
          : 'You can sign in there, also without your password.'
      }
      action={
        linkedAt === null && (
          <Button variant="default" onClick={() => void link()}>
            Link account
          </Button>
        )
      }
    >
      {failure !== null && <FormFailure message={failure} />}
      {linkedAt !== null && (
        <Paper withBorder p="sm">
          <Group justify="space-between" gap="sm">
            <Text size="sm">Linked since {formatDay(linkedAt)}</Text>
            <Button variant="default" size="compact-sm" aria-label={`Unlink ${name}`} onClick={() => void unlink()}>
              Unlink
            </Button>
          </Group>
        </Paper>
      )}
    </Section>
  );
}
