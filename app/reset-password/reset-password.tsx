'use client';

import { Button, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { callApi, messageOf } from '../components/call-api.ts';
import { CardPage } from '../components/card-page.tsx';
import { FormFailure } from '../components/form-failure.tsx';
import { Link } from '../components/link.tsx';
import { NewPasswordInput } from '../components/new-password-input.tsx';
import { checkPassword } from '../components/password-rules.ts';

/** Sets a password with the token in the address, behind `#`. */
export function ResetPassword() {
  const [failure, setFailure] = useState<string | null>(null);
  const [done, setDone] = useState(false);
  const form = useForm({ initialValues: { password: '' }, validate: { password: checkPassword } });
  const send = async ({ password }: typeof form.values) => {
    setFailure(null);
    try {
      const token = window.location.hash.slice(1);
      if (token === '') throw new Error('This link is incomplete. Copy the whole link into the address bar.');
      await callApi('POST', '/api/account/password-reset', { token, password });
      setDone(true);
    } catch (error) {
      setFailure(messageOf(error));
    }
  };
  return (
    <CardPage title="Set a password">
      {done ? (
        <>
          <Text>Your password is set. Sign in with it.</Text>
          <Button component={Link} href="/sign-in">
            Sign in
          </Button>
        </>
      ) : (
        <form onSubmit={form.onSubmit(send)} noValidate>
          <Stack>
            {failure !== null && <FormFailure message={failure} />}
            <NewPasswordInput label="New password" {...form.getInputProps('password')} />
            <Button type="submit" loading={form.submitting}>
              Set password
            </Button>
          </Stack>
        </form>
      )}
    </CardPage>
  );
}
