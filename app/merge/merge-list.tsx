'use client';

import { Anchor, Badge, Button, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { MergeStateName, MergeView } from '#lib/merges/client.ts';
import { callApi, messageOf } from '../components/call-api.ts';
import { Link } from '../components/link.tsx';
import { modelPath } from '../components/model-path.ts';
import { notifyFailure } from '../components/notify.ts';
import { useServiceEvents } from '../components/service-events.tsx';
import { makeVisible } from '../components/visible-text.ts';

const WORDS: Readonly<Record<MergeStateName, string>> = {
  queued: 'Queued',
  running: 'Merging',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};
const POLL_MS = 3000;

/** The newest merges of the person. `asked` counts requests: each has the list asked for again. */
export function MergeList({ asked }: { asked: number }) {
  const [progress, setProgress] = useState<Record<number, number>>({});
  const { data, error, refetch } = useQuery({
    queryKey: ['merges'],
    queryFn: () => callApi<MergeView[]>('GET', '/api/merges').then(makeVisible),
    // Events bring what changes; this is for the time in which there is no stream of them.
    refetchInterval: ({ state }) => (state.data?.some(isOpen) === true ? POLL_MS : false),
  });
  useServiceEvents({
    event: (event) => {
      if (event.kind !== 'merge') return;
      setProgress((old) => ({ ...old, [event.mergeId]: event.progress }));
      const shown = data?.find(({ id }) => id === event.mergeId);
      // Between its beginning and its end a running merge changes in one number.
      if (shown?.state !== 'running' || event.progress === 0 || event.progress === 1) void refetch();
    },
    missed: () => void refetch(),
  });
  useEffect(() => {
    if (asked > 0) void refetch();
  }, [asked, refetch]);

  if (error !== null) return <Text size="sm">{messageOf(error)}</Text>;
  if (data === undefined || data.length === 0) return null;
  return (
    <Stack gap="sm">
      <Title order={2} fz="lg">
        Your merges
      </Title>
      {data.map((merge) => (
        <MergeRow key={merge.id} merge={merge} progress={progress[merge.id] ?? merge.progress} onChange={refetch} />
      ))}
    </Stack>
  );
}

function MergeRow({ merge, progress, onChange }: { merge: MergeView; progress: number; onChange: () => unknown }) {
  const { id, name, state, message, notes, parts, model } = merge;
  const cancel = () =>
    void callApi('POST', `/api/merges/${id}/cancel`).then(onChange, (error) =>
      notifyFailure('Merge not cancelled', error),
    );
  return (
    <Paper withBorder p="md" data-testid="merge">
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap">
          {model === null ? (
            <Text fw={600} className="wrap">
              {name}
            </Text>
          ) : (
            <Anchor component={Link} href={modelPath(model)} fw={600} className="wrap">
              {model.name}
            </Anchor>
          )}
          <Group gap="xs" wrap="nowrap">
            <Badge variant="default" tt="none" radius="sm" data-testid="merge-state">
              {WORDS[state]}
            </Badge>
            {isOpen(merge) && (
              <Button size="xs" variant="default" onClick={cancel}>
                Cancel
              </Button>
            )}
          </Group>
        </Group>
        <Text size="xs" c="dimmed" className="wrap">
          From {parts.map((part) => part.name).join(', ')}
        </Text>
        {state === 'running' && (
          <Progress value={progress * 100} aria-label={`${name}: ${Math.round(progress * 100)} %`} />
        )}
        {message !== null && <Text size="sm">{message}</Text>}
        {notes.map((note) => (
          <Text key={note} size="xs" c="dimmed" className="wrap">
            {note}
          </Text>
        ))}
      </Stack>
    </Paper>
  );
}

function isOpen({ state }: MergeView): boolean {
  return state === 'queued' || state === 'running';
}
