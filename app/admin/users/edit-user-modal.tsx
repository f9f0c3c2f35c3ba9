'use client';

import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRouter } from 'next/navigation';
import type { UserView } from '#lib/accounts/index.ts';
import { callApi } from '../../components/call-api.ts';
import { checkEmail } from '../../components/check-email.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';

/** Changes the name and e-mail of an account. */
export function EditUserModal({ user, onClose }: { user: UserView; onClose: () => void }) {
  const router = useRouter();
  const form = useForm({
    initialValues: { name: user.name, email: user.email },
    validate: {
      name: (name) => (name.trim() === '' ? 'Enter a name.' : null),
      email: checkEmail,
    },
  });
  const save = async ({ name, email }: typeof form.values) => {
    try {
      await callApi('PATCH', `/api/admin/users/${user.id}`, { name: name.trim(), email: email.trim() });
      notifyDone('Account changed.');
      router.refresh();
      onClose();
    } catch (error) {
      notifyFailure('Account not changed', error);
    }
  };
  return (
    <Modal opened onClose={onClose} title={`Edit ${user.name}`} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={form.onSubmit(save)} noValidate>
        <Stack>
          <TextInput label="Name" required maxLength={100} data-autofocus {...form.getInputProps('name')} />
          <TextInput label="E-mail" type="email" required maxLength={254} {...form.getInputProps('email')} />
          <Group justify="flex-end">
            <Button type="submit" loading={form.submitting}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
