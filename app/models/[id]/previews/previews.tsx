'use client';

import { Badge, Group, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import type { ModelPreviews } from '#lib/previews/client.ts';
import { GalleryProvider } from './gallery.tsx';
import { OlderPreviews } from './older-previews.tsx';
import { RenderAgain } from './render-again.tsx';
import { RenderedPreview } from './rendered-preview.tsx';
import { announceState } from './state-labels.ts';
import { type PreviewRights, StatePanel } from './state-panel.tsx';
import { useAnnouncement } from './use-announcement.ts';
import { usePreviews } from './use-previews.ts';
import { UserPictures } from './user-pictures.tsx';

/**
 * What the model renders: the pictures made here, how far those are that are being made, and those that people
 * uploaded.
 */
export function Previews({ initial, rights }: { initial: ModelPreviews; rights: PreviewRights }) {
  const { previews, refresh } = usePreviews(initial);
  const { current, message, older, pictures, may } = previews;
  const announcement = useAnnouncement(current === null ? '' : announceState(current));
  // What waits, runs or cannot be rendered at all is not rendered again by asking.
  const mayRender = may.render && current !== null && ['done', 'failed', 'cancelled'].includes(current.state);
  return (
    <GalleryProvider previews={previews} refresh={refresh}>
      <Stack gap="sm" component="section" aria-label="Previews" data-testid="previews">
        <Group justify="space-between" mih={30}>
          <Group gap="xs">
            <Title order={2} fz="lg">
              Previews
            </Title>
            {current?.stale && (
              <Badge variant="default" tt="none" radius="sm">
                Out of date
              </Badge>
            )}
          </Group>
          {mayRender && <RenderAgain />}
        </Group>
        <VisuallyHidden role="status" aria-live="polite">
          {announcement}
        </VisuallyHidden>
        {current === null ? (
          <Text size="sm" c="dimmed">
            {message ?? 'No images yet.'}
          </Text>
        ) : (
          <>
            {current.stale && (
              <Text size="xs" c="dimmed">
                These images were rendered with an older profile or an older file.
              </Text>
            )}
            <StatePanel preview={current} rights={rights} />
            <RenderedPreview preview={current} />
          </>
        )}
        <OlderPreviews previews={older} />
        <UserPictures pictures={pictures} mayAdd={may.upload} />
      </Stack>
    </GalleryProvider>
  );
}
