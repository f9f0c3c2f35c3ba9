'use client';

import { Button, Group, Select, SimpleGrid, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { CONFIDENCES } from '#app/models/[id]/labels.ts';
import type { BulkJobView, ProposalFilter, ProposalsPage } from '#lib/bulk/client.ts';
import { callApi, messageOf } from '../../components/call-api.ts';
import { formatCount, formatNumber } from '../../components/format.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { ProposalGroups } from './proposal-groups.tsx';
import { ProposalRow } from './proposal-row.tsx';

type State = 'open' | 'accepted' | 'dismissed';
type Decision = 'accept' | 'dismiss';
type Choice = Omit<ProposalFilter, 'state'> & { ids?: number[] };

const STATES: readonly (readonly [State, string])[] = [
  ['open', 'Open'],
  ['accepted', 'Accepted'],
  ['dismissed', 'Dismissed'],
];
const SEARCH_MS = 300;

/** What another identification would change, in groups and one by one, and what can be done with it. */
export function Proposals({ job }: { job: BulkJobView }) {
  const [state, setState] = useState<State>('open');
  const [group, setGroup] = useState<string | null>(null);
  const [confidence, setConfidence] = useState<ProposalFilter['confidence'] | null>(null);
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), SEARCH_MS);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [isBusy, setBusy] = useState(false);
  const filter: Choice = {
    ...(group === null ? {} : { group }),
    ...(confidence == null ? {} : { confidence }),
    ...(q === '' ? {} : { q }),
  };
  const path = `/api/bulk/${job.id}/proposals`;
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    // Another number of open ones has them asked for again.
    queryKey: ['bulk', job.id, 'proposals', state, group, confidence, q, job.openProposals],
    queryFn: ({ pageParam }) => {
      const search = new URLSearchParams({ state, ...(filter as Record<string, string>) });
      if (pageParam !== 0) search.set('after', String(pageParam));
      return callApi<ProposalsPage>('GET', `${path}?${search}`);
    },
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
  });
  if (error !== null) return <Text size="sm">{messageOf(error)}</Text>;
  if (data === undefined) return <Text size="sm">Loading…</Text>;
  const [first] = data.pages;
  const proposals = data.pages.flatMap((page) => page.proposals);
  const counts = first?.counts ?? { open: 0, accepted: 0, dismissed: 0 };
  const selected = proposals.filter(({ id }) => chosen.has(id)).map(({ id }) => id);

  const show = (next: State) => {
    setState(next);
    setGroup(null);
    setChosen(new Set());
  };
  const decide = async (decision: Decision, choice: Choice) => {
    setBusy(true);
    try {
      if (decision === 'accept') {
        const { id, total } = await callApi<{ id: number; total: number }>('POST', `${path}/accept`, choice);
        notifyDone(`${formatCount(total, 'model is', 'models are')} being changed by bulk change ${id}.`);
      } else {
        const { dismissed } = await callApi<{ dismissed: number }>('POST', `${path}/dismiss`, choice);
        notifyDone(`${formatCount(dismissed, 'proposal')} dismissed.`);
      }
      setChosen(new Set());
      setGroup(null);
    } catch (failure) {
      notifyFailure(decision === 'accept' ? 'Proposals not accepted' : 'Proposals not dismissed', failure);
    }
    setBusy(false);
    void refetch();
  };
  const isFiltered = Object.keys(filter).length > 0;

  return (
    <Stack>
      <Tabs
        value={state}
        onChange={(value) => show(STATES.find(([one]) => one === value)?.[0] ?? 'open')}
        variant="pills"
      >
        <Tabs.List aria-label="Proposals">
          {STATES.map(([one, label]) => (
            <Tabs.Tab key={one} value={one}>
              {label} ({formatNumber(counts[one])})
            </Tabs.Tab>
          ))}
        </Tabs.List>
      </Tabs>
      {counts[state] === 0 ? (
        <Text size="sm" c="dimmed" data-testid="no-proposals">
          {state === 'open' ? 'No open proposals.' : 'None.'}
        </Text>
      ) : (
        <>
          <ProposalGroups
            groups={first?.groups ?? []}
            chosen={group}
            isBusy={isBusy}
            onChoose={(id) => {
              setGroup(id);
              setChosen(new Set());
            }}
            onDecide={state === 'open' ? (decision, id) => void decide(decision, { group: id }) : null}
          />
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <TextInput
              label="Model or file name"
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <Select
              label="New confidence"
              placeholder="Any"
              data={CONFIDENCES.map(({ id, label }) => ({ value: id, label: label.replace(/:.*/, '') }))}
              value={confidence ?? null}
              onChange={(value) => setConfidence(value as ProposalFilter['confidence'] | null)}
              clearable
              clearButtonProps={{ 'aria-label': 'Clear confidence' }}
            />
          </SimpleGrid>
          {state !== 'accepted' && (
            <Group gap="xs">
              {state === 'open' && selected.length === 0 ? (
                <>
                  <Button
                    size="xs"
                    disabled={isBusy || proposals.length === 0}
                    onClick={() => void decide('accept', filter)}
                  >
                    {isFiltered ? 'Accept all found' : 'Accept all'}
                  </Button>
                  <Button
                    size="xs"
                    variant="default"
                    disabled={isBusy || proposals.length === 0}
                    onClick={() => void decide('dismiss', filter)}
                  >
                    {isFiltered ? 'Dismiss all found' : 'Dismiss all'}
                  </Button>
                </>
              ) : (
                <>
                  <Button
                    size="xs"
                    disabled={isBusy || selected.length === 0}
                    onClick={() => void decide('accept', { ids: selected })}
                  >
                    Accept selected ({formatNumber(selected.length)})
                  </Button>
                  {state === 'open' && (
                    <Button
                      size="xs"
                      variant="default"
                      disabled={isBusy}
                      onClick={() => void decide('dismiss', { ids: selected })}
                    >
                      Dismiss selected
                    </Button>
                  )}
                </>
              )}
            </Group>
          )}
          {proposals.length === 0 && (
            <Text size="sm" c="dimmed">
              No proposal matches the filter.
            </Text>
          )}
          <Stack gap="xs">
            {proposals.map((proposal) => (
              <ProposalRow
                key={proposal.id}
                proposal={proposal}
                isChosen={state === 'accepted' ? null : chosen.has(proposal.id)}
                onChoose={(isChosen) =>
                  setChosen(
                    new Set(isChosen ? [...chosen, proposal.id] : [...chosen].filter((id) => id !== proposal.id)),
                  )
                }
              />
            ))}
          </Stack>
          {hasNextPage && (
            <Group justify="center">
              <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
                Show more
              </Button>
            </Group>
          )}
        </>
      )}
    </Stack>
  );
}
