'use client';

import { Alert, Stack, Tabs, Text, Title } from '@mantine/core';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import type { PreviewQueue, PreviewSettings, ProfileView } from '#lib/previews/client.ts';
import { Bases } from './bases.tsx';
import { Profiles } from './profiles.tsx';
import { Queue } from './queue.tsx';

const TABS = ['queue', 'bases', 'profiles'] as const;

interface PreviewAdminProps {
  queue: PreviewQueue;
  profiles: ProfileView[];
  settings: PreviewSettings;
}

/** What is rendered now and why not more, on which checkpoints and by what, and how. */
export function PreviewAdmin({ queue, profiles, settings }: PreviewAdminProps) {
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('queue'));
  return (
    <Stack>
      <Title order={1} fz={26}>
        Previews
      </Title>
      <Text size="sm" c="dimmed">
        A preview is rendered for every converted model, using the profile of its base model.
      </Text>
      {settings.mode === 'off' && (
        <Alert variant="default" title="Previews are disabled">
          WEIGHHOUSE_PREVIEWS is set to off, so this service renders no previews. Existing previews are kept.
        </Alert>
      )}
      <Tabs value={tab} onChange={(name) => void setTab(TABS.find((one) => one === name) ?? null)} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="queue">Queue</Tabs.Tab>
          <Tabs.Tab value="bases">Base models</Tabs.Tab>
          <Tabs.Tab value="profiles">Profiles</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="queue" pt="md">
          <Queue initial={queue} />
        </Tabs.Panel>
        <Tabs.Panel value="bases" pt="md">
          <Bases initial={settings} />
        </Tabs.Panel>
        <Tabs.Panel value="profiles" pt="md">
          <Profiles initial={profiles} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
