'use client';

import { Alert, Anchor, Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { authClient } from './auth-client.ts';
import { FormFailure } from './form-failure.tsx';
import { Link } from './link.tsx';
import { checkPassword, PASSWORD_HINT } from './password-rules.ts';

interface CredentialsFormProps {
  kind: 'sign-in' | 'sign-up';
  /** Where to go afterwards, a path of this service. */
  next: string;
  /** Whoever signs up now becomes administrator. */
  first?: boolean;
  /** False where only an administrator makes accounts. */
  open?: boolean;
}

/** Signs in or up with e-mail and password. */
export function CredentialsForm({ kind, next, first = false, open = true }: CredentialsFormProps) {
  const up = kind === 'sign-up';
  const [failure, setFailure] = useState<string | null>(null);
  const form = useForm({
    initialValues: { name: '', email: '', password: '' },
    validate: {
      name: (name) => (up && name.trim() === '' ? 'Enter your name.' : null),
      email: (email) => (/^\S+@\S+$/.test(email.trim()) ? null : 'Enter a valid e-mail address.'),
      password: (password) => (up ? checkPassword(password) : null),
    },
  });
  const send = async ({ name, email, password }: typeof form.values) => {
    setFailure(null);
    const given = { email: email.trim(), password };
    const { error } = up
      ? await authClient.signUp.email({ ...given, name: name.trim() })
      : await authClient.signIn.email(given);
    if (error) setFailure(error.message ?? 'The server does not respond. Try again.');
    // A full load, so that every part of the page knows who is here.
    else window.location.assign(next);
  };
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
