'use client';

import { Alert, Anchor, Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { callApi, messageOf } from './call-api.ts';
import { CardPage } from './card-page.tsx';
import { checkEmail } from './check-email.ts';
import { FormFailure } from './form-failure.tsx';
import { Link } from './link.tsx';
import { OtherWays } from './other-ways.tsx';
import { checkPassword, PASSWORD_HINT } from './password-rules.ts';
import { SecondStep } from './second-step.tsx';

interface CredentialsFormProps {
  kind: 'sign-in' | 'sign-up';
  /** Where to go afterwards, a path of this service. */
  next: string;
  /** Whoever signs up now becomes administrator. */
  first?: boolean;
  /** Whether they have to show that the service is theirs. */
  needsSetupCode?: boolean;
  /** False where only an administrator makes accounts. */
  open?: boolean;
  /** The OpenID provider to sign in with, where one is set, and the code with which its answer was refused. */
  provider?: { name: string | null; refused: string | null };
}

/** The service does not say whether the address had an account already; signing in shows it to whoever has the password. */
async function createAccount(account: { name: string; email: string; password: string; setupCode?: string }) {
  await callApi('POST', '/api/auth/sign-up/email', account);
  const { email, password } = account;
  await callApi('POST', '/api/auth/sign-in/email', { email, password }).catch(() => {
    throw new Error(
      'The account could not be opened with this password. If you have an account already, sign in with its password.',
    );
  });
}

/** Signs in as far as the password goes: true where a code is to follow. */
async function needsCode(given: { email: string; password: string }): Promise<boolean> {
  const answer = await callApi<{ twoFactorRedirect?: boolean }>('POST', '/api/auth/sign-in/email', given);
  return answer.twoFactorRedirect === true;
}

/** Signs in or up with e-mail and password; in also with a passkey or a provider. */
export function CredentialsForm({
  kind,
  next,
  first = false,
  needsSetupCode = false,
  open = true,
  provider = { name: null, refused: null },
}: CredentialsFormProps) {
  const up = kind === 'sign-up';
  const [failure, setFailure] = useState<string | null>(null);
  const [second, setSecond] = useState(false);
  const form = useForm({
    initialValues: { name: '', email: '', password: '', setupCode: '' },
    validate: {
      name: (name) => (up && name.trim() === '' ? 'Enter your name.' : null),
      email: checkEmail,
      password: (password) => (up ? checkPassword(password) : null),
      setupCode: (code) => (needsSetupCode && code.trim() === '' ? 'Enter the setup code.' : null),
    },
  });
  const send = async ({ name, email, password, setupCode }: typeof form.values) => {
    setFailure(null);
    const given = { email: email.trim(), password };
    try {
      if (up) await createAccount({ ...given, name: name.trim(), ...(needsSetupCode && { setupCode }) });
      else if (await needsCode(given)) return setSecond(true);
      // A full load, so that every part of the page knows who is here.
      window.location.assign(next);
    } catch (error) {
      setFailure(messageOf(error));
    }
  };
  if (second)
    return (
      <CardPage title="Sign in">
        <SecondStep onDone={() => window.location.assign(next)} />
      </CardPage>
    );
  const other = `${up ? '/sign-in' : '/sign-up'}?next=${encodeURIComponent(next)}`;
  return (
    <Paper withBorder p="xl" maw={420} mx="auto" mt={{ base: 'md', sm: 48 }}>
      <form onSubmit={form.onSubmit(send)} noValidate>
        <Stack>
          <Title order={1} fz={24}>
            {up ? 'Create an account' : 'Sign in'}
          </Title>
          {up && first && (
            <Alert variant="default" icon={<IconInfoCircle aria-hidden />}>
              This catalog has no accounts yet. The first account becomes the administrator.
            </Alert>
          )}
          {next.startsWith('/upload') && (
            <Text size="sm" c="dimmed">
              You need an account to upload models. You continue to the upload page after signing in.
            </Text>
          )}
          {failure !== null && <FormFailure message={failure} />}
          {needsSetupCode && (
            <TextInput
              label="Setup code"
              description="Printed in the terminal or log of Weighhouse when it started."
              autoComplete="off"
              required
              {...form.getInputProps('setupCode')}
            />
          )}
          {up && <TextInput label="Name" autoComplete="name" required {...form.getInputProps('name')} />}
          <TextInput label="E-mail" type="email" autoComplete="email" required {...form.getInputProps('email')} />
          <PasswordInput
            label="Password"
            description={up ? PASSWORD_HINT : undefined}
            autoComplete={up ? 'new-password' : 'current-password'}
            required
            visibilityToggleButtonProps={{ 'aria-label': 'Show password' }}
            {...form.getInputProps('password')}
          />
          <Button type="submit" loading={form.submitting}>
            {up ? 'Create account' : 'Sign in'}
          </Button>
          {!up && (
            <Text size="sm" ta="center">
              <Anchor component={Link} href="/forgot-password" inherit underline="always">
                Forgot your password?
              </Anchor>
            </Text>
          )}
          {!up && <OtherWays next={next} provider={provider.name} refused={provider.refused} />}
          {(up || open) && (
            <Text size="sm" ta="center">
              {up ? 'Already have an account? ' : 'No account yet? '}
              <Anchor component={Link} href={other} inherit underline="always">
                {up ? 'Sign in' : 'Create an account'}
              </Anchor>
            </Text>
          )}
        </Stack>
      </form>
    </Paper>
  );
}
