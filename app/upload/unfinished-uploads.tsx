'use client';

import { Button, FileButton, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { formatBytes } from '../components/format.ts';
import { notifyFailure } from '../components/notify.ts';
import type { TrayRow } from '../components/uploads/tray-rows.ts';
import { useUploads } from '../components/uploads/upload-provider.tsx';

/** Uploads that were cut off by a reload or a lost connection. A page may not keep hold of a file, so it is chosen again. */
export function UnfinishedUploads() {
  const { rows } = useUploads();
  const unfinished = rows.filter(({ phase }) => phase === 'unfinished');
  if (unfinished.length === 0) return null;
  return (
    <Stack gap="sm" component="section" aria-label="Unfinished uploads">
      <Title order={2} fz="lg">
        Unfinished uploads
      </Title>
      {unfinished.map((row) => (
        <Unfinished key={row.key} row={row} />
      ))}
    </Stack>
  );
}

function Unfinished({ row }: { row: TrayRow }) {
  const { add, cancel } = useUploads();
  const resume = (file: File | null) => {
    if (file === null || row.uploadId === null) return;
    if (file.name !== row.filename || file.size !== row.size) {
      notifyFailure(new Error(`Choose ${row.filename} (${formatBytes(row.size)}), the same file as before.`));
      return;
    }
    add([file], { resume: row.uploadId });
  };
  return (
    <Paper withBorder p="md" data-testid="unfinished-upload">
      <Group justify="space-between">
        <Stack gap={4} style={{ minWidth: 0, flex: 1 }}>
          <Text size="sm" fw={500} truncate>
            {row.filename}
          </Text>
          <Progress value={(row.progress ?? 0) * 100} size="sm" aria-label={`${row.filename}: ${row.label}`} />
          <Text size="xs" c="dimmed">
            {row.label} of {formatBytes(row.size)}. Choose the file again to go on.
          </Text>
        </Stack>
        <Group gap="xs">
          <FileButton onChange={resume}>
            {(props) => (
              <Button {...props} size="xs">
                Choose the file again
              </Button>
            )}
          </FileButton>
          <Button size="xs" variant="default" onClick={() => cancel(row)}>
            Give up
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}
