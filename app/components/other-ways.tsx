'use client';

import { Button, Divider, Stack } from '@mantine/core';
import { IconFingerprint, IconLogin } from '@tabler/icons-react';
import { useState } from 'react';
import { callApi, messageOf } from './call-api.ts';
import { factorClient } from './factor-client.ts';
import { FormFailure } from './form-failure.tsx';

/** Why the OpenID provider sent somebody back without an account being opened, by better-auth's codes. */
const PROVIDER_FAILURES: Readonly<Record<string, string>> = {
  account_disabled: 'This account is disabled. Ask an administrator to enable it.',
  account_not_linked:
    'An account with this e-mail exists, but the e-mail is not verified on both sides. Sign in with your password.',
  email_not_verified: 'The provider has not verified your e-mail address.',
  signup_disabled: 'You have no account here. Ask an administrator for an invitation.',
  access_denied: 'The sign-in was cancelled.',
};

interface OtherWaysProps {
  next: string;
  /** The name of the OpenID provider, where one is set. */
  provider: string | null;
  /** The code with which that provider's answer was refused. */
  refused: string | null;
}

/** Ways to sign in without a password. */
export function OtherWays({ next, provider, refused }: OtherWaysProps) {
  const [failure, setFailure] = useState<string | null>(
    refused === null ? null : (PROVIDER_FAILURES[refused] ?? 'The sign-in with the provider failed. Try again.'),
  );
  const byPasskey = async () => {
    setFailure(null);
    const { error } = await factorClient.signIn.passkey();
    if (error) setFailure(error.message ?? 'The passkey was not accepted. Try again.');
    else window.location.assign(next);
  };
  const byProvider = () =>
    callApi<{ url: string }>('POST', '/api/auth/sign-in/social', { provider: 'oidc', next }).then(
      ({ url }) => window.location.assign(url),
      (error) => setFailure(messageOf(error)),
    );
  return (
    <Stack>
      {failure !== null && <FormFailure message={failure} />}
      <Divider label="or" />
      <Button
        variant="default"
        leftSection={<IconFingerprint size={18} aria-hidden />}
        onClick={() => void byPasskey()}
      >
        Sign in with a passkey
      </Button>
      {provider !== null && (
        <Button variant="default" leftSection={<IconLogin size={18} aria-hidden />} onClick={() => void byProvider()}>
          Sign in with {provider}
        </Button>
      )}
    </Stack>
  );
}
