'use client';

import { Button, Group, Modal, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ProfileView } from '#lib/previews/client.ts';
import { callApi } from '../../components/call-api.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { CpuFields, NumbersFields, PromptFields } from './profile-fields.tsx';
import { type ProfileValues, readValues, toValues } from './profile-values.ts';

interface ProfileModalProps {
  profile: ProfileView;
  onClose: () => void;
  onSaved: () => void;
}

/** Everything that a profile says, to be changed. */
export function ProfileModal({ profile, onClose, onSaved }: ProfileModalProps) {
  const form = useForm<ProfileValues>({
    initialValues: toValues(profile),
    validate: (values) => readValues(values).errors ?? {},
  });
  const save = async (values: ProfileValues) => {
    const { form: wanted } = readValues(values);
    if (wanted === null) return;
    try {
      const { version } = await callApi<ProfileView>('PUT', `/api/admin/previews/profiles/${profile.id}`, wanted);
      notifyDone(`${profile.name} saved as version ${version}.`);
      onSaved();
      onClose();
    } catch (error) {
      notifyFailure('Profile not saved', error);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={`Profile ${profile.name}, version ${profile.version}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={form.onSubmit((values) => void save(values))} noValidate>
        <Stack>
          <NumbersFields form={form} />
          <PromptFields form={form} />
          <CpuFields form={form} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={form.submitting}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
