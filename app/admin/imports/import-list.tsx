'use client';

import { Alert, Anchor, Badge, Button, Group, Paper, Progress, Select, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ImportStep, ImportView } from '#lib/imports/index.ts';
import { callApi } from '../../components/call-api.ts';
import { formatBytes, formatCount, formatNumber } from '../../components/format.ts';
import { Moment } from '../../components/moment.tsx';
import { notifyFailure } from '../../components/notify.ts';
import { useServiceEvents } from '../../components/service-events.tsx';
import { makeVisible } from '../../components/visible-text.ts';
import { ImportEntries } from './import-entries.tsx';

export const IMPORTS_QUERY = ['imports'];
const POLL_MS = 2000;

const STATES: Readonly<Record<ImportView['state'], string>> = {
  searching: 'Searching',
  ready: 'Ready to import',
  running: 'Importing',
  paused: 'Paused',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

/** What can be done in each state, the usual first. */
const STEPS: Readonly<Record<ImportView['state'], readonly ImportStep[]>> = {
  searching: ['pause', 'cancel'],
  ready: ['start', 'search', 'cancel'],
  running: ['pause', 'cancel'],
  paused: ['start', 'search', 'cancel'],
  done: ['search'],
  failed: ['start', 'search'],
  cancelled: ['start', 'search'],
};

const STEP_LABELS: Readonly<Record<ImportStep, string>> = {
  start: 'Import',
  search: 'Search for changes',
  pause: 'Pause',
  cancel: 'Cancel',
};

const COUNTS = [
  ['pending', 'to be imported'],
  ['imported', 'imported'],
  ['duplicate', 'in the catalog before'],
  ['refused', 'refused'],
  ['changed', 'to be read again'],
  ['vanished', 'no longer there'],
  ['passed_over', 'passed over'],
] as const satisfies readonly (readonly [keyof ImportView['counts'], string])[];

const SCHEDULES = [
  { value: 'manual', label: 'By hand' },
  { value: 'hourly', label: 'Every hour' },
  { value: 'daily', label: 'Every day' },
];

function listChanges({ added, changed, moved, vanished }: NonNullable<ImportView['changes']>): string {
  const parts = [
    [added, 'new'],
    [changed, 'changed'],
    [moved, 'moved'],
    [vanished, 'gone'],
  ] as const;
  const found = parts.filter(([count]) => count > 0).map(([count, word]) => `${formatNumber(count)} ${word}`);
  return found.length === 0 ? 'no changes' : found.join(', ');
}

const isOpen = ({ state }: ImportView) => state === 'searching' || state === 'running';

/** Imports of folders, how far each is, and what can be done with it. */
export function ImportList() {
  const { data = [], refetch } = useQuery({
    queryKey: IMPORTS_QUERY,
    queryFn: () => callApi<ImportView[]>('GET', '/api/imports'),
    refetchInterval: ({ state }) => (state.data?.some(isOpen) === true ? POLL_MS : false),
  });
  useServiceEvents({
    event: ({ kind }) => {
      if (kind === 'import') void refetch();
    },
    missed: () => void refetch(),
  });
  if (data.length === 0) return null;
  return (
    <Stack component="section" aria-label="Imported folders">
      <Title order={2} fz={18}>
        Imported folders
      </Title>
      {data.map((view) => (
        <ImportRow key={view.id} view={view} onChange={() => void refetch()} />
      ))}
    </Stack>
  );
}

function ImportRow({ view, onChange }: { view: ImportView; onChange: () => void }) {
  const { id, root, state, message, counts, known, searchedAt, schedule, inPlace, changes, watched, watchNote } = view;
  const [listed, setListed] = useState<keyof ImportView['counts'] | null>(null);
  const [busy, setBusy] = useState(false);
  const ask = async (action: string, work: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      notifyFailure(action, error);
    } finally {
      setBusy(false);
      onChange();
    }
  };
  const done = counts.imported.bytes + counts.duplicate.bytes + counts.refused.bytes;
  const all = done + counts.pending.bytes + counts.changed.bytes;
  return (
    <Paper withBorder radius="md" p="md" component="article" aria-label={makeVisible(root)}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
            {makeVisible(root)}
          </Text>
          <Group gap="xs">
            {inPlace && (
              <Badge variant="outline" color="gray" tt="none" radius="sm">
                In place
              </Badge>
            )}
            <Badge variant="default" tt="none" radius="sm" role="status">
              {STATES[state]}
            </Badge>
          </Group>
        </Group>
        {message !== null && (
          <Alert color="red" p="xs">
            {message}
          </Alert>
        )}
        {state === 'searching' && <Progress value={100} animated aria-label="Searching the folder" />}
        {state === 'running' && (
          <Progress value={all === 0 ? 0 : (done / all) * 100} aria-label={`Imported of ${formatBytes(all)}`} />
        )}
        <Group gap="md">
          {COUNTS.filter(([key]) => counts[key].files > 0).map(([key, label]) => (
            <Anchor
              key={key}
              component="button"
              type="button"
              size="sm"
              aria-expanded={listed === key}
              onClick={() => setListed(listed === key ? null : key)}
            >
              {formatNumber(counts[key].files)} {label}
              {counts[key].bytes > 0 && ` (${formatBytes(counts[key].bytes)})`}
            </Anchor>
          ))}
        </Group>
        {known > 0 && (
          <Text size="sm" c="dimmed">
            {formatCount(known, 'file has', 'files have')} the name and size of a file in the catalog.
          </Text>
        )}
        {listed !== null && <ImportEntries importId={id} state={listed} />}
        <Group gap="xs" justify="space-between" align="flex-end">
          <Group gap="xs">
            {STEPS[state].map((step, index) => (
              <Button
                key={step}
                size="xs"
                variant={index === 0 ? 'filled' : 'default'}
                disabled={busy || (step === 'start' && counts.pending.files + counts.changed.files === 0)}
                onClick={() =>
                  void ask(`${STEP_LABELS[step]} failed`, () => callApi('POST', `/api/imports/${id}/steps`, { step }))
                }
              >
                {STEP_LABELS[step]}
              </Button>
            ))}
            {!isOpen(view) && (
              <Button
                size="xs"
                variant="default"
                disabled={busy}
                onClick={() => void ask('Import not removed', () => callApi('DELETE', `/api/imports/${id}`))}
              >
                Remove from list
              </Button>
            )}
          </Group>
          <Select
            size="xs"
            w={150}
            label="Search for changes"
            allowDeselect={false}
            data={SCHEDULES}
            value={schedule}
            disabled={busy}
            onChange={(value) =>
              void ask('Schedule not changed', () => callApi('PATCH', `/api/imports/${id}`, { schedule: value }))
            }
          />
        </Group>
        {(watched || watchNote !== null) && schedule !== 'manual' && (
          <Text size="xs" c="dimmed">
            {watched ? 'Changes are noticed at once where the system reports them.' : watchNote}
          </Text>
        )}
        {searchedAt !== null && (
          <Text size="xs" c="dimmed">
            Last searched <Moment iso={searchedAt} />
            {changes !== null && `: ${listChanges(changes)}`}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
