'use client';

import { Accordion, Anchor, Badge, Button, Code, EmptyState, Group, Stack, Text, Title } from '@mantine/core';
import { useThrottledCallback } from '@mantine/hooks';
import { IconChecks, IconRefresh } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import type { IdentificationView, JobView, RescanView, WaitingView } from '#lib/admin/index.ts';
import type { StageFailure } from '#lib/stages.ts';
import { callApi } from '../../components/call-api.ts';
import { formatMoment } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { notifyDone, notifyFailure } from '../../components/notify.ts';
import { useServiceEvents } from '../../components/service-events.tsx';
import { STAGE_LABELS } from '../../components/stages.ts';
import { makeVisible } from '../../components/visible-text.ts';
import { Identification } from './identification.tsx';
import { Rescan } from './rescan.tsx';
import { Waiting } from './waiting.tsx';

interface JobsProps {
  jobs: JobView[];
  rescan: RescanView;
  waiting: WaitingView;
  identification: IdentificationView;
}

/** What waits and runs, and what stopped and why; each of these with a way to run it again. */
export function Jobs({ jobs, rescan, waiting, identification }: JobsProps) {
  const router = useRouter();
  const refresh = useThrottledCallback(() => router.refresh(), 1000);
  useServiceEvents({ event: refresh, missed: refresh });
  return (
    <Stack>
      <Title order={1} fz={26}>
        Jobs
      </Title>
      <Text size="sm" c="dimmed">
        Queued and running stages, and stages whose last attempt failed.
      </Text>
      <Rescan rescan={rescan} />
      <Identification identification={identification} />
      <Waiting waiting={waiting} />
      {jobs.length === 0 ? (
        <EmptyState
          py={64}
          withIndicatorBackground
          icon={<IconChecks />}
          title="No jobs"
          description="No stage is running and none has failed."
        />
      ) : (
        <Accordion multiple variant="separated">
          {makeVisible(jobs).map((job) => (
            <Job key={job.id} job={job} />
          ))}
        </Accordion>
      )}
    </Stack>
  );
}

/** Why an attempt gave no result. */
const OUTCOMES: Record<StageFailure, string> = {
  refused: 'File rejected',
  crash: 'Crashed',
  time_limit: 'Timed out',
  out_of_memory: 'Out of memory',
};

function Job({ job }: { job: JobView }) {
  const router = useRouter();
  const running = job.outcome === null;
  const retry = () =>
    void callApi('POST', `/api/files/${job.fileId}/retry`).then(
      () => {
        notifyDone(`${job.filename} is queued again.`);
        router.refresh();
      },
      (error) => notifyFailure('Job not queued', error),
    );
  return (
    <Accordion.Item value={String(job.id)} data-testid="job" data-outcome={job.outcome ?? 'running'}>
      <Accordion.Control>
        <Group gap="sm">
          <Badge variant="default" tt="none" radius="sm">
            {job.outcome === null ? `Running, ${Math.floor(job.progress * 100)} %` : OUTCOMES[job.outcome]}
          </Badge>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {job.filename}
          </Text>
          <Text size="sm" c="dimmed">
            {STAGE_LABELS[job.stage]}, attempt {job.attempt}, {formatMoment(job.endedAt ?? job.startedAt)}
          </Text>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="sm">
          {job.message !== null && <Text size="sm">{job.message}</Text>}
          {job.log !== null && job.log !== '' && (
            <Code block tabIndex={0} mah={280} style={{ overflow: 'auto' }} aria-label="Last log lines">
              {job.log}
            </Code>
          )}
          <Group>
            {!running && (
              <Button size="xs" leftSection={<IconRefresh size={16} aria-hidden />} onClick={retry}>
                Try again
              </Button>
            )}
            <Anchor component={Link} href={`/models/${job.modelId}`} size="sm">
              {job.modelName}
            </Anchor>
          </Group>
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
