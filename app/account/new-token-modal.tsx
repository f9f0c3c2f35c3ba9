'use client';

import { Button, Checkbox, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { ADMIN_SCOPES, SCOPE_WORDS, SCOPES } from '#lib/accounts/client.ts';
import { callApi } from '../components/call-api.ts';
import { notifyFailure } from '../components/notify.ts';
import { ShownOnce } from '../components/shown-once.tsx';

/** Makes a token and shows it the one time it can be seen. Administrators are offered the scopes of their own as well. */
export function NewTokenModal({ isAdmin, onClose }: { isAdmin: boolean; onClose: () => void }) {
  const router = useRouter();
  const scopes = SCOPES.filter((scope) => isAdmin || !ADMIN_SCOPES.includes(scope));
  const [token, setToken] = useState<string | null>(null);
  const form = useForm({
    initialValues: { name: '', scopes: ['read'] as string[] },
    validate: {
      name: (name) => (name.trim() === '' ? 'Enter a name for the token.' : null),
      scopes: (chosen) => (chosen.length === 0 ? 'Select at least one scope.' : null),
    },
  });
  const make = async (values: typeof form.values) => {
    try {
      const made = await callApi<{ token: string }>('POST', '/api/tokens', values);
      setToken(made.token);
      router.refresh();
    } catch (error) {
      notifyFailure('Token not created', error);
    }
  };
  return (
    <Modal opened onClose={onClose} title="New API token" closeButtonProps={{ 'aria-label': 'Close' }}>
      {token === null ? (
        <form onSubmit={form.onSubmit(make)}>
          <Stack>
            <TextInput
              label="Name"
              placeholder="render machine"
              required
              maxLength={100}
              data-autofocus
              {...form.getInputProps('name')}
            />
            <Checkbox.Group label="Scopes" {...form.getInputProps('scopes')}>
              <Stack gap="xs" mt="xs">
                {scopes.map((scope) => (
                  <Checkbox key={scope} value={scope} label={scope} description={SCOPE_WORDS[scope]} />
                ))}
              </Stack>
            </Checkbox.Group>
            <Group justify="flex-end">
              <Button type="submit" loading={form.submitting}>
                Create token
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <ShownOnce
          note="Copy the token now. It is not shown again."
          secret={token}
          testId="new-token"
          onClose={onClose}
        />
      )}
    </Modal>
  );
}
