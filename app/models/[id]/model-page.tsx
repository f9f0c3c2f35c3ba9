'use client';

import { Anchor, Badge, Box, Breadcrumbs, Grid, Group, Stack, Tabs, Text, Title } from '@mantine/core';
import Link from 'next/link';
import { useState } from 'react';
import type { FileView, ModelView } from '../../../lib/catalog/client.ts';
import { formatCount, formatDay } from '../../components/format.ts';
import { isProcessing } from '../../components/stages.ts';
import { VerdictBadge } from '../../components/verdict.tsx';
import { Description } from './description.tsx';
import { DownloadPanel } from './download-panel.tsx';
import { Evidence } from './evidence.tsx';
import { Findings } from './findings.tsx';
import { Hashes } from './hashes.tsx';
import { ModelActions } from './model-actions.tsx';
import { StageSteps } from './stage-steps.tsx';
import { Tensors } from './tensors.tsx';
import { TypeChips } from './type-chips.tsx';
import { useLiveModel } from './use-live-model.ts';
import { VerdictBanner } from './verdict-banner.tsx';
import { Versions } from './versions.tsx';

/** Everything about one model: what it is, whether it is safe, how to get it, and what that rests on. */
export function ModelPage({ model, signedIn }: { model: ModelView; signedIn: boolean }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const version = model.versions.find(({ id }) => id === chosen) ?? model.versions[0];
  const file = version?.files[0];
  const live = model.versions.some(({ files }) => files.some(isProcessing));
  useLiveModel(model.id, live);

  return (
    <Stack gap="lg">
      <Breadcrumbs>
        <Anchor component={Link} href="/" size="sm">
          Catalog
        </Anchor>
        <Text size="sm" c="dimmed" truncate maw={320}>
          {model.name}
        </Text>
      </Breadcrumbs>
      <Group justify="space-between" align="flex-start" gap="md">
        <Box style={{ minWidth: 0, flex: 1 }}>
          <Title order={1} fz={28} style={{ overflowWrap: 'anywhere' }}>
            {model.name}
          </Title>
          <Group gap="xs" mt="xs">
            <TypeChips model={model} />
            <VerdictBadge verdict={file?.state ?? model.verdict} />
            {!model.published && (
              <Badge variant="default" tt="none" radius="sm">
                Not published
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" mt="xs">
            {model.owner === null ? '' : `By ${model.owner} · `}
            {formatCount(model.downloads, 'download')} · updated {formatDay(model.updatedAt)}
          </Text>
        </Box>
        <ModelActions model={model} />
      </Group>
      {file !== undefined && version !== undefined && (
        <FileDetails key={file.id} model={model} file={file} versionId={version.id} signedIn={signedIn}>
          <Versions model={model} shown={version.id} onShow={setChosen} />
        </FileDetails>
      )}
    </Stack>
  );
}

interface FileDetailsProps {
  model: ModelView;
  file: FileView;
  versionId: number;
  signedIn: boolean;
  children: React.ReactNode;
}

function FileDetails({ model, file, versionId, signedIn, children }: FileDetailsProps) {
  return (
    <>
      {isProcessing(file) && <StageSteps file={file} />}
      <VerdictBanner file={file} />
      <Grid gap="xl">
        <Grid.Col span={{ base: 12, md: 4 }} order={{ base: 1, md: 2 }}>
          <Stack gap="lg">
            <DownloadPanel file={file} versionId={versionId} signedIn={signedIn} />
            {children}
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 8 }} order={{ base: 2, md: 1 }}>
          <Stack gap="xl">
            <Description model={model} />
            <Tabs defaultValue="found" keepMounted={false}>
              <Tabs.List>
                <Tabs.Tab value="found">What was found</Tabs.Tab>
                <Tabs.Tab value="identity">What it is</Tabs.Tab>
                <Tabs.Tab value="tensors">Tensors</Tabs.Tab>
                <Tabs.Tab value="hashes">Hashes</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="found" pt="md">
                <Findings file={file} />
              </Tabs.Panel>
              <Tabs.Panel value="identity" pt="md">
                <Evidence file={file} />
              </Tabs.Panel>
              <Tabs.Panel value="tensors" pt="md">
                <Tensors file={file} />
              </Tabs.Panel>
              <Tabs.Panel value="hashes" pt="md">
                <Hashes file={file} />
              </Tabs.Panel>
            </Tabs>
          </Stack>
        </Grid.Col>
      </Grid>
    </>
  );
}
