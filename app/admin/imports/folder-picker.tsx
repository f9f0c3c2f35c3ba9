'use client';

import { Badge, Group, NavLink, Paper, ScrollArea, Stack, Text } from '@mantine/core';
import { IconArrowUp, IconFolder } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import type { ImportFolder } from '#lib/imports/index.ts';
import { callApi } from '../../components/call-api.ts';
import { notifyFailure } from '../../components/notify.ts';
import { makeVisible } from '../../components/visible-text.ts';
import { LAYOUT_LABELS } from './layout-labels.ts';

/** Walks through the folders that may be imported. */
export function FolderPicker({ folder, onChoose }: { folder: ImportFolder; onChoose: (next: ImportFolder) => void }) {
  const [opening, setOpening] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const open = async (path: string) => {
    setOpening(true);
    try {
      onChoose(await callApi<ImportFolder>('GET', `/api/imports/folders?path=${encodeURIComponent(path)}`));
      // The entry that had the focus is gone.
      list.current?.focus();
    } catch (error) {
      notifyFailure('Folder not opened', error);
    } finally {
      setOpening(false);
    }
  };
  const { path, parent, layout } = folder;
  return (
    <Paper withBorder radius="md">
      <Group px="md" py="sm" gap="sm" justify="space-between">
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }} role="status">
          {path === null ? 'Allowed folders' : makeVisible(path)}
        </Text>
        {layout !== null && (
          <Badge variant="default" tt="none" radius="sm">
            {LAYOUT_LABELS[layout]}
          </Badge>
        )}
      </Group>
      <ScrollArea.Autosize mah={320}>
        <Stack ref={list} tabIndex={-1} gap={0} component="nav" aria-label="Folders" aria-busy={opening} pb="xs">
          {parent !== null && (
            <NavLink
              component="button"
              label="Parent folder"
              leftSection={<IconArrowUp size={16} aria-hidden />}
              onClick={() => void open(parent)}
            />
          )}
          {folder.folders.map((inner) => (
            <NavLink
              key={inner.path}
              component="button"
              label={makeVisible(inner.name)}
              leftSection={<IconFolder size={16} aria-hidden />}
              styles={{ label: { overflowWrap: 'anywhere' } }}
              onClick={() => void open(inner.path)}
            />
          ))}
          {folder.folders.length === 0 && (
            <Text size="sm" c="dimmed" px="md" py="xs">
              No subfolders
            </Text>
          )}
        </Stack>
      </ScrollArea.Autosize>
    </Paper>
  );
}
