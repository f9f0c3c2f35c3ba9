'use client';

import { Button, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { formatBytes } from '../components/format.ts';
import { ResumeButton } from '../components/uploads/resume-button.tsx';
import type { TrayRow } from '../components/uploads/tray-rows.ts';
import { useUploads } from '../components/uploads/upload-provider.tsx';

/** Uploads that were cut off by a reload or a lost connection, and the files to choose again. */
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
  const { cancel } = useUploads();
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
          <ResumeButton row={row} />
          <Button size="xs" variant="subtle" aria-label={`Give up ${row.filename}`} onClick={() => cancel(row)}>
            Give up
          </Button>
        </Group>
      </Group>
    </Paper>
  );
}
