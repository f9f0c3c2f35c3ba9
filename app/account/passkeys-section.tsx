'use client';

import { Button, Group, Modal, Paper, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { PasskeyView } from '#lib/accounts/index.ts';
import { callApi } from '../components/call-api.ts';
import { factorClient } from '../components/factor-client.ts';
import { formatDay } from '../components/format.ts';
import { notifyDone, notifyFailure } from '../components/notify.ts';
import { makeVisible } from '../components/visible-text.ts';
import { Section } from './section.tsx';

/** Passkeys, which sign in without a password. */
export function PasskeysSection({ passkeys, available }: { passkeys: PasskeyView[]; available: boolean }) {
  const [adding, { open, close }] = useDisclosure(false);
  const [renamed, setRenamed] = useState<PasskeyView | null>(null);
  const router = useRouter();
  const remove = ({ id, name }: PasskeyView) =>
    void callApi('DELETE', `/api/account/passkeys/${id}`).then(
      () => {
        notifyDone(`${name} is removed.`);
        router.refresh();
      },
      (error) => notifyFailure('Passkey not removed', error),
    );
  return (
    <Section
      title="Passkeys"
      note={
        available
          ? 'Sign in with your fingerprint, face, screen lock or security key, without a password.'
          : 'Passkeys work where the catalog is opened as localhost, or by HTTPS with WEIGHHOUSE_PUBLIC_URL set.'
      }
      action={
        available && (
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
            Add passkey
          </Button>
        )
      }
    >
      {makeVisible(passkeys).map((passkey) => (
        <Paper key={passkey.id} withBorder p="sm">
          <Group justify="space-between" gap="sm">
            <Stack gap={2}>
              <Text fw={500} className="wrap">
                {passkey.name}
              </Text>
              {passkey.createdAt !== null && (
                <Text size="sm" c="dimmed">
                  Added {formatDay(passkey.createdAt)}
                </Text>
              )}
            </Stack>
            <Group gap="xs">
              <Button
                variant="default"
                size="compact-sm"
                aria-label={`Rename ${passkey.name}`}
                onClick={() => setRenamed(passkey)}
              >
                Rename
              </Button>
              <Button
                variant="default"
                size="compact-sm"
                aria-label={`Remove ${passkey.name}`}
                onClick={() => remove(passkey)}
              >
                Remove
              </Button>
            </Group>
          </Group>
        </Paper>
      ))}
      {adding && (
        <NameModal
          title="Add a passkey"
          name=""
          button="Add passkey"
          onClose={close}
          onSubmit={async (name) => {
            const { error } = await factorClient.passkey.addPasskey({ name });
            if (error) throw new Error(error.message ?? 'Try again.');
            notifyDone('Passkey added.');
          }}
        />
      )}
      {renamed !== null && (
        <NameModal
          title={`Rename ${renamed.name}`}
          name={renamed.name}
          button="Rename"
          onClose={() => setRenamed(null)}
          onSubmit={async (name) => void (await callApi('PATCH', `/api/account/passkeys/${renamed.id}`, { name }))}
        />
      )}
    </Section>
  );
}

interface NameModalProps {
  title: string;
  name: string;
  button: string;
  onClose: () => void;
  onSubmit: (name: string) => Promise<void>;
}

function NameModal({ title, name, button, onClose, onSubmit }: NameModalProps) {
  const router = useRouter();
  const form = useForm({
    initialValues: { name },
    validate: { name: (text) => (text.trim() === '' ? 'Enter a name for the passkey.' : null) },
  });
  const send = (values: typeof form.values) =>
    onSubmit(values.name.trim()).then(
      () => {
        router.refresh();
        onClose();
      },
      (error) => notifyFailure('Passkey not saved', error),
    );
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={form.onSubmit(send)} noValidate>
        <Stack>
          <TextInput
            label="Name"
            placeholder="laptop"
            required
            maxLength={100}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={form.submitting}>
              {button}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
