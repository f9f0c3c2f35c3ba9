'use client';

import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { callApi, messageOf } from './call-api.ts';
import { FormFailure } from './form-failure.tsx';

/** Asks for the code of an authenticator app, or a recovery code, after the password was right. */
export function SecondStep({ onDone }: { onDone: () => void }) {
  const [failure, setFailure] = useState<string | null>(null);
  const [recovery, setRecovery] = useState(false);
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (code) => (code.trim() === '' ? 'Enter a code.' : null) },
  });
  const send = async ({ code }: typeof form.values) => {
    setFailure(null);
    try {
      const path = recovery ? 'verify-backup-code' : 'verify-totp';
      await callApi('POST', `/api/auth/two-factor/${path}`, { code: code.trim() });
      onDone();
    } catch (error) {
      setFailure(messageOf(error));
    }
  };
  return (
    <form onSubmit={form.onSubmit(send)} noValidate>
      <Stack>
        {failure !== null && <FormFailure message={failure} />}
        <Text size="sm">
          {recovery ? 'Enter one of your recovery codes. It works once.' : 'Enter the code of your authenticator app.'}
        </Text>
        <TextInput
          key={String(recovery)}
          label={recovery ? 'Recovery code' : 'Code'}
          inputMode={recovery ? 'text' : 'numeric'}
          autoComplete="one-time-code"
          required
          autoFocus
          {...form.getInputProps('code')}
        />
        <Button type="submit" loading={form.submitting}>
          Continue
        </Button>
        <Button
          variant="subtle"
          onClick={() => {
            form.reset();
            setRecovery(!recovery);
          }}
        >
          {recovery ? 'Use a code of the app' : 'Use a recovery code'}
        </Button>
      </Stack>
    </form>
  );
}
