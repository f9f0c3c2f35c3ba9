'use client';

import { Badge, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { formatCount, formatDay } from '#app/components/format.ts';
import type { PreviewView } from '#lib/previews/client.ts';
import { RenderedPreview } from './rendered-preview.tsx';

/**
 * What was rendered of older files and by older versions of the profile; folded away, and fetched only when unfolded.
 */
export function OlderPreviews({ previews }: { previews: readonly PreviewView[] }) {
  const [open, setOpen] = useState(false);
  if (previews.length === 0) return null;
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)} data-testid="older-previews">
      <Text component="summary" size="sm" style={{ cursor: 'pointer' }}>
        {formatCount(previews.length, 'older preview')}
      </Text>
      {open && (
        <Stack gap="xl" mt="sm">
          {previews.map((preview) => (
            <Stack key={preview.id} gap="xs">
              <Group gap="xs">
                <Badge variant="default" tt="none" radius="sm">
                  Out of date
                </Badge>
                <Text size="sm">
                  {preview.profile.name}, version {preview.profile.version}, {formatDay(preview.createdAt)}
                </Text>
              </Group>
              <RenderedPreview preview={preview} />
            </Stack>
          ))}
        </Stack>
      )}
    </details>
  );
}
