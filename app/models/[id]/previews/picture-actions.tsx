'use client';

import { Button, Group, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDownload, IconEye, IconEyeOff, IconStar, IconStarFilled, IconTrash } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { callApi } from '#app/components/call-api.ts';
import { notifyDone, notifyFailure } from '#app/components/notify.ts';
import type { PictureView } from '#lib/previews/client.ts';
import { useGallery } from './gallery.tsx';

/** What may be done with a picture: fetched by everybody, the rest by those who have the right. */
export function PictureActions({ picture, onDeleted }: { picture: PictureView; onDeleted: () => void }) {
  const router = useRouter();
  const { modelId, refresh } = useGallery();
  const { id, nsfw, isCover, may, url } = picture;
  const act = (method: string, path: string, body: unknown, done: string) =>
    callApi(method, path, body).then(() => {
      notifyDone(done);
      refresh();
    }, notifyFailure);
  const flag = () =>
    void act(
      'PATCH',
      `/api/pictures/${id}`,
      { nsfw: !nsfw },
      nsfw ? 'The picture is shown to everybody again.' : 'The picture is blurred until somebody clicks it.',
    );
  const cover = () =>
    void act(
      'PUT',
      `/api/models/${modelId}/cover`,
      { pictureId: isCover ? null : id },
      isCover ? 'The cover is chosen by itself again.' : 'This picture is the cover now.',
    );
  const confirmDelete = () =>
    modals.openConfirmModal({
      title: 'Delete this picture?',
      children: <Text size="sm">This cannot be taken back.</Text>,
      labels: { confirm: 'Delete', cancel: 'Keep it' },
      confirmProps: { color: 'red.9' },
      onConfirm: () =>
        void act('DELETE', `/api/pictures/${id}`, undefined, 'The picture was deleted.').then(() => {
          onDeleted();
          router.refresh();
        }),
    });
  return (
    <Group gap="xs">
      <Button
        component="a"
        href={url}
        download
        size="xs"
        leftSection={<IconDownload size={16} aria-hidden />}
        data-testid="download-picture"
      >
        Download
      </Button>
      {may.cover && (
        <Button
          size="xs"
          variant="default"
          aria-pressed={isCover}
          leftSection={isCover ? <IconStarFilled size={16} aria-hidden /> : <IconStar size={16} aria-hidden />}
          onClick={cover}
        >
          {isCover ? 'Is the cover' : 'Make it the cover'}
        </Button>
      )}
      {may.flag && (
        <Button
          size="xs"
          variant="default"
          aria-pressed={nsfw}
          leftSection={nsfw ? <IconEye size={16} aria-hidden /> : <IconEyeOff size={16} aria-hidden />}
          onClick={flag}
        >
          {nsfw ? 'Not NSFW after all' : 'Mark as NSFW'}
        </Button>
      )}
      {may.delete && (
        <Button size="xs" variant="default" leftSection={<IconTrash size={16} aria-hidden />} onClick={confirmDelete}>
          Delete
        </Button>
      )}
    </Group>
  );
}
