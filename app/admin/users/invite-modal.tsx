'use client';

import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useRouter } from 'next/navigation';
import type { NewInvitationLink } from '#lib/accounts/index.ts';
import { callApi } from '../../components/call-api.ts';
import { checkEmail } from '../../components/check-email.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { ROLE_CHOICES } from '../../components/roles.ts';
import type { ShownLink } from './link-modal.tsx';

interface InviteModalProps {
  onClose: () => void;
  onCreated: (link: ShownLink) => void;
}

/** Makes an invitation and hands on its link. */
export function InviteModal({ onClose, onCreated }: InviteModalProps) {
  const router = useRouter();
  const form = useForm({
    initialValues: { email: '', role: 'uploader' as string | null, days: 7 as number | string },
    validate: {
      email: (email) => (email.trim() === '' ? null : checkEmail(email)),
      days: (days) => (typeof days === 'number' && days >= 1 && days <= 90 ? null : 'Enter 1 to 90 days.'),
    },
  });
  const create = async ({ email, role, days }: typeof form.values) => {
    try {
      const { path, expiresAt, sent } = await callApi<NewInvitationLink>('POST', '/api/admin/invitations', {
        email: email.trim() === '' ? null : email.trim(),
        role,
        days,
      });
      if (sent) notifyDone(`The invitation was sent to ${email.trim()}.`);
      router.refresh();
      onCreated({ title: 'Invitation', recipient: email.trim() || 'the person', path, expiresAt });
    } catch (error) {
      notifyFailure('Invitation not created', error);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Invite a person" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={form.onSubmit(create)} noValidate>
        <Stack>
          <TextInput
            label="E-mail"
            description="Optional. If it is empty, the person enters an address."
            type="email"
            maxLength={254}
            data-autofocus
            {...form.getInputProps('email')}
          />
          <Select label="Role" data={ROLE_CHOICES} allowDeselect={false} {...form.getInputProps('role')} />
          <NumberInput label="Valid for (days)" min={1} max={90} allowDecimal={false} {...form.getInputProps('days')} />
          <Group justify="flex-end">
            <Button type="submit" loading={form.submitting}>
              Create invitation
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
