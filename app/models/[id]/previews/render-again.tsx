'use client';

import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconRefresh } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { callApi } from '#app/components/call-api.ts';
import { notifyDone, notifyFailure } from '#app/components/notify.ts';
import { useGallery } from './use-gallery.ts';

/** Has the pictures rendered again, with a reason for the audit log where the person gives one. */
export function RenderAgain() {
  const [opened, { open, close }] = useDisclosure(false);
  const [reason, setReason] = useState('');
  const [asking, setAsking] = useState(false);
  const { modelId, refresh } = useGallery();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    try {
      await callApi('POST', `/api/models/${modelId}/previews`, { reason: reason.trim() });
      notifyDone('Preview queued.');
      setReason('');
      close();
      refresh();
    } catch (error) {
      notifyFailure('Preview not queued', error);
    } finally {
      setAsking(false);
    }
  };
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={open}>
        Render again
      </Button>
      <Modal opened={opened} onClose={close} title="Render previews again" closeButtonProps={{ 'aria-label': 'Close' }}>
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <Text size="sm">
              Renders all images again with the current profile. Existing images are kept until they are replaced.
            </Text>
            <TextInput
              label="Reason"
              description="Optional, saved in the audit log"
              maxLength={500}
              data-autofocus
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <Group justify="flex-end">
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              <Button type="submit" loading={asking}>
                Render again
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  );
}
