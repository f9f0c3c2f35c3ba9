'use client';

import { Anchor, Badge, Button, Group, Progress, Stack, Tabs, Text, Title } from '@mantine/core';
import { useThrottledCallback } from '@mantine/hooks';
import { IconArrowBackUp, IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { BulkItemView, BulkJobView } from '#lib/bulk/client.ts';
import { callApi } from '../../components/call-api.ts';
import { formatNumber } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { Moment } from '../../components/moment.tsx';
import { notifyFailure } from '../../components/notify.ts';
import { useServiceEvents } from '../../components/service-events.tsx';
import { visibleText } from '../../components/visible-text.ts';
import { BULK_STATES, isOpenJob } from '../bulk-states.ts';
import { BulkItems } from './bulk-items.tsx';
import { Proposals } from './proposals.tsx';

const POLL_MS = 3000;

type ItemState = BulkItemView['state'];

const TABS: readonly (readonly [ItemState, string])[] = [
  ['proposed', 'Proposed'],
  ['changed', 'Changed'],
  ['unchanged', 'Unchanged'],
  ['refused', 'Refused'],
  ['waiting', 'Waiting'],
];

/** One change of many models: how far it is, and what became of each. */
export function BulkJob({ job: initial }: { job: BulkJobView }) {
  const router = useRouter();
  const [isBusy, setBusy] = useState(false);
  const [chosen, setChosen] = useState<ItemState | null>(null);
  const path = `/api/bulk/${initial.id}`;
  const { data: job, refetch } = useQuery({
    queryKey: ['bulk', initial.id],
    queryFn: () => callApi<BulkJobView>('GET', path),
    initialData: initial,
    // Events bring what changes; this is for the time in which there is no stream of them.
    refetchInterval: ({ state }) => (state.data !== undefined && isOpenJob(state.data) ? POLL_MS : false),
  });
  const refresh = useThrottledCallback(() => void refetch(), 500);
  useServiceEvents({
    event: (event) => {
      // What this one proposes is accepted by others.
      if (event.kind === 'bulk' && (event.jobId === initial.id || initial.openProposals !== null)) refresh();
    },
    missed: refresh,
  });
  const tab =
    chosen ??
    (job.openProposals === null ? undefined : 'proposed') ??
    TABS.find(([state]) => job.counts[state] > 0)?.[0] ??
    'changed';
  const finished = job.total - job.counts.waiting;

  const cancel = async () => {
    setBusy(true);
    try {
      await callApi('POST', `${path}/cancel`);
    } catch (error) {
      notifyFailure('Bulk change not cancelled', error);
    }
    setBusy(false);
    void refetch();
  };
  const undo = async () => {
    setBusy(true);
    try {
      const { id } = await callApi<{ id: number }>('POST', `${path}/undo`);
      router.push(`/bulk/${id}`);
    } catch (error) {
      notifyFailure('Bulk change not undone', error);
      setBusy(false);
    }
  };

  return (
    <Stack>
      <Anchor component={Link} href="/bulk" size="sm">
        Bulk changes
      </Anchor>
      <Group justify="space-between" align="flex-start">
        <Title order={1} fz={26} className="wrap">
          {visibleText(job.title)}
        </Title>
        <Group gap="xs">
          {isOpenJob(job) && (
            <Button variant="default" disabled={isBusy} onClick={() => void cancel()}>
              Cancel
            </Button>
          )}
          {job.canUndo && (
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={16} aria-hidden />}
              disabled={isBusy}
              onClick={() => void undo()}
            >
              Undo
            </Button>
          )}
          <Button
            component="a"
            href={`${path}/items?format=csv`}
            download
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            Download as CSV
          </Button>
        </Group>
      </Group>
      <Group gap="sm">
        <Badge variant="default" tt="none" radius="sm" data-testid="bulk-state">
          {BULK_STATES[job.state]}
        </Badge>
        <Text size="sm" role="status" aria-live="polite">
          {formatNumber(finished)} of {formatNumber(job.total)} models
        </Text>
        <Text size="sm" c="dimmed">
          Started by {visibleText(job.owner)}, <Moment iso={job.createdAt} />
        </Text>
      </Group>
      {isOpenJob(job) && (
        <Progress value={job.total === 0 ? 0 : (finished / job.total) * 100} aria-label="Models finished" />
      )}
      <About job={job} />
      <Tabs value={tab} onChange={(value) => setChosen(TABS.find(([state]) => state === value)?.[0] ?? null)}>
        <Tabs.List>
          {TABS.filter(([state]) => isShown(state, job) || tab === state).map(([state, text]) => (
            <Tabs.Tab key={state} value={state}>
              {text} ({formatNumber(job.counts[state])})
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={tab} pt="md">
          {tab === 'proposed' && job.openProposals !== null ? (
            <Proposals job={job} />
          ) : (
            <BulkItems key={tab} jobId={job.id} state={tab} count={job.counts[tab]} />
          )}
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

/** Only some changes are proposed first, and nothing waits for long. */
function isShown(state: ItemState, { counts, openProposals }: BulkJobView): boolean {
  if (openProposals !== null) return state !== 'changed' && (state !== 'waiting' || counts.waiting > 0);
  return state !== 'proposed' && (state !== 'waiting' || counts.waiting > 0);
}

/** What it has to do with other bulk changes, and why it cannot be undone. */
function About({ job }: { job: BulkJobView }) {
  return (
    <>
      {job.undoOfId !== null && (
        <Text size="sm">
          Undoes{' '}
          <Anchor component={Link} href={`/bulk/${job.undoOfId}`} underline="always">
            bulk change {job.undoOfId}
          </Anchor>
          . A model that was changed since stays as it is.
        </Text>
      )}
      {job.undoId !== null && (
        <Text size="sm">
          Undone by{' '}
          <Anchor component={Link} href={`/bulk/${job.undoId}`} underline="always">
            bulk change {job.undoId}
          </Anchor>
          .
        </Text>
      )}
      {job.openProposals !== null && (
        <Text size="sm" c="dimmed">
          Nothing is changed until you accept it. Types and base models that were set manually stay as they are.
        </Text>
      )}
      {!job.isUndoable && job.openProposals === null && (
        <Text size="sm" c="dimmed">
          This change cannot be undone.
        </Text>
      )}
    </>
  );
}
