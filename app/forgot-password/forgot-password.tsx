'use client';

import { Anchor, Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { callApi, messageOf } from '../components/call-api.ts';
import { CardPage } from '../components/card-page.tsx';
import { checkEmail } from '../components/check-email.ts';
import { FormFailure } from '../components/form-failure.tsx';
import { Link } from '../components/link.tsx';

/** Asks for a link to set a new password by e-mail, or says whom to ask. */
export function ForgotPassword({ byMail }: { byMail: boolean }) {
  return (
    <CardPage title="Forgot your password?">
      {byMail ? (
        <MailForm />
      ) : (
        <Text>Ask an administrator of this catalog. They can create a link with which you set a new password.</Text>
      )}
      <Text size="sm" ta="center">
        <Anchor component={Link} href="/sign-in" inherit underline="always">
          Back to sign-in
        </Anchor>
      </Text>
    </CardPage>
  );
}

function MailForm() {
  const [failure, setFailure] = useState<string | null>(null);
  const [sent, setSent] = useState(false);
  const form = useForm({
    initialValues: { email: '' },
    validate: { email: checkEmail },
  });
  const send = async ({ email }: typeof form.values) => {
    setFailure(null);
    try {
      await callApi('POST', '/api/account/password-mail', { email: email.trim() });
      setSent(true);
    } catch (error) {
      setFailure(messageOf(error));
    }
  };
  if (sent)
    return (
      <Text role="status">
        If there is an account with this e-mail address, a link to set a new password is on its way. It works for an
        hour.
      </Text>
    );
  return (
    <form onSubmit={form.onSubmit(send)} noValidate>
      <Stack>
        {failure !== null && <FormFailure message={failure} />}
        <TextInput label="E-mail" type="email" autoComplete="email" required {...form.getInputProps('email')} />
        <Button type="submit" loading={form.submitting}>
          Send link
        </Button>
      </Stack>
    </form>
  );
}
