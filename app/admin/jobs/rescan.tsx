import { Anchor, Group, Paper, Progress, ScrollArea, Stack, Text, Title } from '@mantine/core';
import type { RescanView } from '#lib/admin/index.ts';
import { formatCount, formatMoment } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { VerdictBadge } from '../../components/verdict.tsx';
import { makeVisible } from '../../components/visible-text.ts';

/** How far the catalog is judged by the present rules, and what they changed. */
export function Rescan({ rescan: { rules, judged, outdated, changes } }: { rescan: RescanView }) {
  const done = judged - outdated;
  return (
    <Paper withBorder p="md" radius="md" data-testid="rescan" data-outdated={outdated}>
      <Stack gap="sm">
        <Title order={2} fz="md">
          Rules version {rules}
        </Title>
        <Text size="sm">
          {outdated === 0
            ? `${judged === 0 ? 'No file has been scanned yet.' : 'All files are scanned with the current rules.'}`
            : `${formatCount(outdated, 'file was', 'files were')} scanned with older rules. They are rescanned one at a time, after new uploads.`}
        </Text>
        {outdated > 0 && <Progress value={(done / judged) * 100} aria-label="Files scanned with the current rules" />}
        {changes.length > 0 && (
          <>
            <Text size="sm" fw={600}>
              {formatCount(changes.length, 'verdict was', 'verdicts were')} changed by the current rules
            </Text>
            <ScrollArea.Autosize mah={280} viewportProps={{ tabIndex: 0 }}>
              <Stack gap="xs">
                {makeVisible(changes).map(({ fileId, filename, modelId, before, after, at }) => (
                  <Group key={`${fileId} ${at}`} gap="xs" data-testid="rescan-change">
                    <VerdictBadge verdict={before} size="sm" />
                    <Text size="sm" aria-hidden>
                      →
                    </Text>
                    <VerdictBadge verdict={after} size="sm" />
                    <Anchor component={Link} href={`/models/${modelId}`} size="sm" style={{ overflowWrap: 'anywhere' }}>
                      {filename}
                    </Anchor>
                    <Text size="xs" c="dimmed">
                      {formatMoment(at)}
                    </Text>
                  </Group>
                ))}
              </Stack>
            </ScrollArea.Autosize>
          </>
        )}
      </Stack>
    </Paper>
  );
}
