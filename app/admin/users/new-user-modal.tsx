'use client';

import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRouter } from 'next/navigation';
import { callApi } from '../../components/call-api.ts';
import { checkEmail } from '../../components/check-email.ts';
import { notifyFailure } from '../../components/notify.ts';
import { ROLE_CHOICES } from '../../components/roles.ts';
import type { ShownLink } from './link-modal.tsx';

interface NewUserModalProps {
  onClose: () => void;
  onCreated: (link: ShownLink) => void;
}

/** Makes an account, whose person sets the password with the link that follows. */
export function NewUserModal({ onClose, onCreated }: NewUserModalProps) {
  const router = useRouter();
  const form = useForm({
    initialValues: { name: '', email: '', role: 'uploader' as string | null },
    validate: {
      name: (name) => (name.trim() === '' ? 'Enter a name.' : null),
      email: checkEmail,
    },
  });
  const create = async ({ name, email, role }: typeof form.values) => {
    try {
      const { link } = await callApi<{ link: { path: string; expiresAt: string } }>('POST', '/api/admin/users', {
        name: name.trim(),
        email: email.trim(),
        role,
      });
      router.refresh();
      onCreated({ title: 'Account created', recipient: name.trim(), ...link });
    } catch (error) {
      notifyFailure('Account not created', error);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Create an account" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={form.onSubmit(create)} noValidate>
        <Stack>
          <Text size="sm" c="dimmed">
            You get a link to send to this person, who sets the password with it.
          </Text>
          <TextInput label="Name" required maxLength={100} data-autofocus {...form.getInputProps('name')} />
          <TextInput label="E-mail" type="email" required maxLength={254} {...form.getInputProps('email')} />
          <Select label="Role" data={ROLE_CHOICES} allowDeselect={false} {...form.getInputProps('role')} />
          <Group justify="flex-end">
            <Button type="submit" loading={form.submitting}>
              Create account
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
