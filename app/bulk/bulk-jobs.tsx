'use client';

import { Anchor, Badge, EmptyState, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useThrottledCallback } from '@mantine/hooks';
import { IconListCheck } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import type { BulkJobView } from '#lib/bulk/client.ts';
import { Link } from '../components/link.tsx';
import { Moment } from '../components/moment.tsx';
import { useServiceEvents } from '../components/service-events.tsx';
import { makeVisible } from '../components/visible-text.ts';
import { BULK_STATES, countWords } from './bulk-states.ts';

/** A person's newest bulk changes. */
export function BulkJobs({ jobs }: { jobs: BulkJobView[] }) {
  const router = useRouter();
  const refresh = useThrottledCallback(() => router.refresh(), 1000);
  useServiceEvents({
    event: ({ kind }) => {
      if (kind === 'bulk') refresh();
    },
    missed: refresh,
  });
  return (
    <Stack>
      <Title order={1} fz={26}>
        Bulk changes
      </Title>
      {jobs.length === 0 ? (
        <EmptyState
          py={64}
          withIndicatorBackground
          icon={<IconListCheck />}
          title="No bulk changes"
          description="Select models in the table of the catalog to change many at once."
        />
      ) : (
        makeVisible(jobs).map((job) => (
          <Paper key={job.id} withBorder p="md" data-testid="bulk-job">
            <Group justify="space-between" wrap="nowrap">
              <Anchor component={Link} href={`/bulk/${job.id}`} fw={600} className="wrap">
                {job.title}
              </Anchor>
              <Badge variant="default" tt="none" radius="sm" style={{ flexShrink: 0 }}>
                {BULK_STATES[job.state]}
              </Badge>
            </Group>
            <Text size="sm" c="dimmed">
              <Moment iso={job.createdAt} />: {countWords(job)}
            </Text>
          </Paper>
        ))
      )}
    </Stack>
  );
}
