'use client';

import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { modals } from '@mantine/modals';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import type { ModelView } from '#lib/catalog/client.ts';
import { callApi } from '../../components/call-api.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { visibleText } from '../../components/visible-text.ts';
import { EditModal } from './edit-modal.tsx';

/** What the owner and moderators may do with a model. */
export function ModelActions({ model }: { model: ModelView }) {
  const router = useRouter();
  const [editing, { open, close }] = useDisclosure(false);
  const isInPlace = model.versions.some(({ files }) => files.some(({ place }) => place !== null));
  const confirmDelete = () =>
    modals.openConfirmModal({
      title: `Delete ${visibleText(model.name)}?`,
      children: (
        <Text size="sm">
          {isInPlace
            ? 'This deletes all versions and cannot be undone. Files that were imported in place stay on the disk.'
            : 'This deletes all versions and files and cannot be undone.'}
        </Text>
      ),
      labels: { confirm: 'Delete', cancel: 'Keep model' },
      confirmProps: { color: 'red.9' },
      onConfirm: () =>
        void callApi('DELETE', `/api/models/${model.id}`).then(
          () => {
            notifyDone(`${visibleText(model.name)} was deleted.`);
            router.push('/');
          },
          (error) => notifyFailure('Model not deleted', error),
        ),
    });
  return (
    <Group gap="xs" wrap="nowrap">
      {model.may.edit && (
        <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={open}>
          Edit
        </Button>
      )}
      {model.may.delete && (
        <Tooltip label="Delete">
          <ActionIcon variant="default" size={36} aria-label="Delete model" onClick={confirmDelete}>
            <IconTrash size={18} />
          </ActionIcon>
        </Tooltip>
      )}
      {editing && <EditModal model={model} onClose={close} />}
    </Group>
  );
}
