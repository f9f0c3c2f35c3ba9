'use client';

import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { callApi, messageOf } from '../components/call-api.ts';
import { FormFailure } from '../components/form-failure.tsx';
import { notifyDone } from '../components/notify.ts';
import { checkPassword, PASSWORD_HINT } from '../components/password-rules.ts';
import { Section } from './section.tsx';

/** Changes the password, which ends all other sessions. */
export function PasswordSection({ hasPassword }: { hasPassword: boolean }) {
  if (!hasPassword)
    return (
      <Section
        title="Password"
        note="This account has no password. To set one, use “Forgot your password?” on the sign-in page."
      />
    );
  return (
    <Section title="Password" note="A new password ends all your other sessions. API tokens stay valid.">
      <PasswordForm />
    </Section>
  );
}

function PasswordForm() {
  const router = useRouter();
  const [failure, setFailure] = useState<string | null>(null);
  const form = useForm({
    initialValues: { current: '', password: '' },
    validate: {
      current: (current) => (current === '' ? 'Enter your current password.' : null),
      password: checkPassword,
    },
  });
  const send = async (values: typeof form.values) => {
    setFailure(null);
    try {
      await callApi('POST', '/api/account/password', values);
      form.reset();
      notifyDone('Password changed. Your other sessions have ended.');
      router.refresh();
    } catch (error) {
      setFailure(messageOf(error));
    }
  };
  return (
    <form onSubmit={form.onSubmit(send)} noValidate>
      <Stack maw={420}>
        {failure !== null && <FormFailure message={failure} />}
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show current password' }}
          {...form.getInputProps('current')}
        />
        <PasswordInput
          label="New password"
          description={PASSWORD_HINT}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show new password' }}
          {...form.getInputProps('password')}
        />
        <Group>
          <Button type="submit" variant="default" loading={form.submitting}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
