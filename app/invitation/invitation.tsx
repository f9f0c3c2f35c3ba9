'use client';

import { Button, Loader, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect, useState } from 'react';
import { authClient } from '../components/auth-client.ts';
import { callApi, messageOf } from '../components/call-api.ts';
import { CardPage } from '../components/card-page.tsx';
import { checkEmail } from '../components/check-email.ts';
import { FormFailure } from '../components/form-failure.tsx';
import { NewPasswordInput } from '../components/new-password-input.tsx';
import { checkPassword } from '../components/password-rules.ts';
import { roleName } from '../components/roles.ts';

interface Invited {
  email: string | null;
  role: string;
}

/** Makes the account that the invitation in the address, behind `#`, is for. */
export function Invitation() {
  const [invited, setInvited] = useState<Invited | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    const token = window.location.hash.slice(1);
    callApi<Invited>('POST', '/api/account/invitation', { token }).then(setInvited, (error) =>
      setFailure(
        token === '' ? 'This link is incomplete. Copy the whole link into the address bar.' : messageOf(error),
      ),
    );
  }, []);
  return (
    <CardPage title="Create your account">
      {invited !== null ? (
        <AcceptForm {...invited} />
      ) : failure !== null ? (
        <FormFailure message={failure} />
      ) : (
        <Loader aria-label="Loading" />
      )}
    </CardPage>
  );
}

function AcceptForm({ email, role }: Invited) {
  const [failure, setFailure] = useState<string | null>(null);
  const form = useForm({
    initialValues: { name: '', email: email ?? '', password: '' },
    validate: {
      name: (name) => (name.trim() === '' ? 'Enter your name.' : null),
      email: checkEmail,
      password: checkPassword,
    },
  });
  const send = async ({ name, email: typed, password }: typeof form.values) => {
    setFailure(null);
    try {
      const token = window.location.hash.slice(1);
      const given = { token, name: name.trim(), password, ...(email === null ? { email: typed.trim() } : {}) };
      const account = await callApi<{ email: string }>('POST', '/api/account/invitation/accept', given);
      const { error } = await authClient.signIn.email({ email: account.email, password });
      window.location.assign(error ? '/sign-in' : '/');
    } catch (error) {
      setFailure(messageOf(error));
    }
  };
  return (
    <form onSubmit={form.onSubmit(send)} noValidate>
      <Stack>
        <Text size="sm" c="dimmed">
          You are invited with the role {roleName(role)}.
        </Text>
        {failure !== null && <FormFailure message={failure} />}
        <TextInput label="Name" autoComplete="name" required maxLength={100} {...form.getInputProps('name')} />
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="email"
          required
          readOnly={email !== null}
          description={email === null ? undefined : 'The invitation is for this address.'}
          {...form.getInputProps('email')}
        />
        <NewPasswordInput label="Password" {...form.getInputProps('password')} />
        <Button type="submit" loading={form.submitting}>
          Create account
        </Button>
      </Stack>
    </form>
  );
}
