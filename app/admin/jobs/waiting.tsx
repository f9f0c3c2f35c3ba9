import { Anchor, Group, Paper, ScrollArea, Stack, Text, Title } from '@mantine/core';
import type { WaitingView } from '#lib/admin/index.ts';
import { formatCount, formatMoment } from '../../components/format.ts';
import { Link } from '../../components/link.tsx';
import { makeVisible } from '../../components/visible-text.ts';

/** The files that stand in line; nothing where there is no line. */
export function Waiting({ waiting: { files, total } }: { waiting: WaitingView }) {
  if (total === 0) return null;
  return (
    <Paper withBorder p="md" radius="md" data-testid="waiting" data-total={total}>
      <Stack gap="sm">
        <Title order={2} fz="md">
          {formatCount(total, 'file is', 'files are')} waiting for a worker
        </Title>
        <ScrollArea.Autosize mah={280} viewportProps={{ tabIndex: 0 }}>
          <Stack gap="xs">
            {makeVisible(files).map(({ id, filename, modelId, modelName, since, notBefore, tries }) => (
              <Group key={id} gap="sm">
                <Text size="sm" fw={600} className="wrap">
                  {filename}
                </Text>
                <Anchor component={Link} href={`/models/${modelId}`} size="sm">
                  {modelName}
                </Anchor>
                <Text size="sm" c="dimmed">
                  since {formatMoment(since)}
                  {tries > 0 && `, tried ${formatCount(tries, 'time', 'times')}`}
                  {notBefore !== null && `, next try at ${formatMoment(notBefore)}`}
                </Text>
              </Group>
            ))}
          </Stack>
        </ScrollArea.Autosize>
        {total > files.length && (
          <Text size="sm" c="dimmed">
            and {formatCount(total - files.length, 'more file', 'more files')}
          </Text>
        )}
      </Stack>
    </Paper>
  );
}
