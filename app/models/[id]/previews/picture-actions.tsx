'use client';

import { Button, Group, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDownload, IconEye, IconEyeOff, IconStar, IconStarFilled, IconTrash } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { callApi } from '#app/components/call-api.ts';
import { notifyDone, notifyFailure } from '#app/components/notify.ts';
import type { PictureView } from '#lib/previews/client.ts';
import { useGallery } from './use-gallery.ts';

/** What may be done with a picture: fetched by everybody, the rest by those who have the right. */
export function PictureActions({ picture, onDeleted }: { picture: PictureView; onDeleted: () => void }) {
  const router = useRouter();
  const { modelId, refresh } = useGallery();
  const { id, nsfw, isCover, may, url } = picture;
  const act = (method: string, path: string, body: unknown, done: string, failed: string) =>
    callApi(method, path, body).then(
      () => {
        notifyDone(done);
        refresh();
      },
      (error) => notifyFailure(failed, error),
    );
  const flag = () =>
    void act(
      'PATCH',
      `/api/pictures/${id}`,
      { nsfw: !nsfw },
      nsfw
        ? 'NSFW mark removed. The image is visible to everyone.'
        : 'Marked as NSFW. The image is blurred until someone clicks it.',
      'NSFW mark not changed',
    );
  const cover = () =>
    void act(
      'PUT',
      `/api/models/${modelId}/cover`,
      { pictureId: isCover ? null : id },
      isCover ? 'The cover is selected automatically again.' : 'Cover set.',
      'Cover not changed',
    );
  const confirmDelete = () =>
    modals.openConfirmModal({
      title: 'Delete this image?',
      children: <Text size="sm">This cannot be undone.</Text>,
      labels: { confirm: 'Delete', cancel: 'Keep image' },
      confirmProps: { color: 'red.9' },
      onConfirm: () =>
        void act('DELETE', `/api/pictures/${id}`, undefined, 'Image deleted.', 'Image not deleted').then(() => {
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
          {isCover ? 'Remove as cover' : 'Set as cover'}
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
          {nsfw ? 'Remove NSFW mark' : 'Mark as NSFW'}
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
