'use client';

import { Button, Group, Stack, Text } from '@mantine/core';
import { IconLayoutGrid } from '@tabler/icons-react';
import { visibleText } from '#app/components/visible-text.ts';
import type { PreviewView } from '#lib/previews/client.ts';
import { EvidenceLine } from './evidence-line.tsx';
import { Sweep } from './sweep.tsx';
import { TileGrid } from './tile-grid.tsx';

/** The pictures of one preview, laid out by what they vary, and what there is to know of them. */
export function RenderedPreview({ preview }: { preview: PreviewView }) {
  const { layout, tiles, grid, notes } = preview;
  if (tiles.length === 0) return null;
  return (
    <Stack gap="sm">
      {layout === 'sweep' ? <Sweep preview={preview} /> : <TileGrid preview={preview} />}
      {notes.map((note) => (
        <Text key={note} size="xs" c="dimmed" className="wrap">
          {visibleText(note)}
        </Text>
      ))}
      <Group justify="space-between" align="flex-start" gap="sm">
        <EvidenceLine preview={preview} />
        {grid !== null && (
          <Button
            component="a"
            href={grid.url}
            download
            size="xs"
            variant="subtle"
            color="gray"
            c="dimmed"
            leftSection={<IconLayoutGrid size={16} aria-hidden />}
            data-testid="grid-download"
          >
            All images in one
          </Button>
        )}
      </Group>
    </Stack>
  );
}
