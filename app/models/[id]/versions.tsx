'use client';

import { Anchor, Group, Paper, Radio, Stack, Text, Title } from '@mantine/core';
import type { ModelView } from '#lib/catalog/client.ts';
import { formatBytes, formatDay } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { VerdictBadge } from '../../components/verdict.tsx';

interface VersionsProps {
  model: ModelView;
  shown: number;
  onShow: (versionId: number) => void;
}

/** All versions, newest first; choosing one shows its file. */
export function Versions({ model, shown, onShow }: VersionsProps) {
  return (
    <Paper withBorder p="md" component="section" aria-label="Versions">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} fz="md">
            Versions
          </Title>
          {model.may.uploadVersion && (
            <Anchor component={Link} href={`/upload?model=${model.id}`} size="sm">
              Upload a new version
            </Anchor>
          )}
        </Group>
        <Radio.Group value={String(shown)} onChange={(id) => onShow(Number(id))} aria-label="Shown version">
          <Stack gap="sm">
            {model.versions.map((version) => {
              const file = version.files[0];
              return (
                <Group key={version.id} justify="space-between" wrap="nowrap" align="flex-start">
                  <Radio
                    value={String(version.id)}
                    label={version.name}
                    description={`${formatDay(version.createdAt)}${file === undefined ? '' : `, ${formatBytes(file.size)}`}`}
                    styles={{ label: { overflowWrap: 'anywhere' } }}
                  />
                  {file !== undefined && <VerdictBadge verdict={file.state} size="sm" />}
                </Group>
              );
            })}
          </Stack>
        </Radio.Group>
        {model.versions.length === 0 && (
          <Text size="sm" c="dimmed">
            No versions yet.
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
