'use client';

import { Accordion, Alert, Anchor, Badge, Button, EmptyState, Group, Stack, Text } from '@mantine/core';
import { useThrottledCallback } from '@mantine/hooks';
import { IconHourglass, IconPhoto, IconPhotoSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { BASES, labelOf } from '#lib/catalog/client.ts';
import type { PreviewQueue, PreviewStateName } from '#lib/previews/client.ts';
import { callApi } from '../../components/call-api.ts';
import { formatCount, formatNumber } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { PREVIEW_STATES } from '../../components/preview-labels.ts';
import { useServiceEvents } from '../../components/service-events.tsx';
import { QueueItem } from './queue-item.tsx';
import { useAdminQuery } from './use-admin-query.ts';

const PATH = '/api/admin/previews';
/** For heartbeats and what no event tells. */
const POLL_MS = 15_000;
const STATES = Object.keys(PREVIEW_STATES) as PreviewStateName[];

/** What waits, is rendered and has ended, each with its cause; and what the catalog lacks for more. */
export function Queue({ initial }: { initial: PreviewQueue }) {
  const { data, refresh } = useAdminQuery<PreviewQueue>(PATH, initial, POLL_MS);
  const soon = useThrottledCallback(refresh, 1000);
  useServiceEvents({
    event: ({ kind }) => {
      if (kind === 'preview') soon();
    },
    missed: soon,
  });
  const [asking, setAsking] = useState(false);
  const backfill = async () => {
    setAsking(true);
    try {
      const { queued } = await callApi<{ queued: number }>('POST', PATH);
      notifyDone(
        queued === 0 ? 'All previews are up to date.' : `${formatCount(queued, 'preview', 'previews')} queued.`,
      );
      refresh();
    } catch (error) {
      notifyFailure('Previews not queued', error);
    } finally {
      setAsking(false);
    }
  };
  return (
    <Stack>
      <Group justify="space-between">
        <Group gap={6} role="group" aria-label="Previews by state">
          {STATES.map((state) => (
            <Badge key={state} variant="default" tt="none" radius="sm" data-testid={`count-${state}`}>
              {PREVIEW_STATES[state]}: {formatNumber(data.counts[state])}
            </Badge>
          ))}
        </Group>
        <Button
          size="xs"
          variant="default"
          loading={asking}
          leftSection={<IconPhotoSearch size={16} aria-hidden />}
          onClick={() => void backfill()}
        >
          Render missing previews
        </Button>
      </Group>
      {data.missingBases.length > 0 && (
        <Alert
          variant="default"
          icon={<IconHourglass aria-hidden />}
          title="Missing checkpoints"
          data-testid="missing-bases"
        >
          <Stack gap={4}>
            {data.missingBases.map(({ base, count }) => (
              <Text key={base} size="sm">
                {labelOf(BASES, base)}: {formatCount(count, 'preview is', 'previews are')} waiting for a checkpoint.{' '}
                <Anchor component={Link} href="/upload" inherit>
                  Upload a checkpoint
                </Anchor>
              </Text>
            ))}
          </Stack>
        </Alert>
      )}
      {data.rows.length === 0 ? (
        <EmptyState
          py={64}
          withIndicatorBackground
          icon={<IconPhoto />}
          title="No previews yet"
          description="Previews appear here when models are converted."
        />
      ) : (
        <Accordion multiple variant="separated" keepMounted={false}>
          {data.rows.map((row) => (
            <QueueItem key={row.id} row={row} onChange={refresh} />
          ))}
        </Accordion>
      )}
    </Stack>
  );
}
