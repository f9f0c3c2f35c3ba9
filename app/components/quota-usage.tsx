import { Group, Progress, Stack, Text } from '@mantine/core';
import type { QuotaView } from '#lib/quotas/client.ts';
import { formatBytes, formatNumber } from './format.ts';

/** What an account has of what it may have, as a bar for bytes and one for files. */
export function QuotaUsage({ quota: { held, underWay, limit } }: { quota: QuotaView }) {
  return (
    <Stack gap="sm">
      <UsageBar title="Storage" held={held.bytes} underWay={underWay.bytes} limit={limit.bytes} format={formatBytes} />
      <UsageBar title="Files" held={held.files} underWay={underWay.files} limit={limit.files} format={formatNumber} />
    </Stack>
  );
}

interface UsageBarProps {
  title: string;
  held: number;
  underWay: number;
  limit: number | null;
  format: (amount: number) => string;
}

function UsageBar({ title, held, underWay, limit, format }: UsageBarProps) {
  const used = held + underWay;
  const share = limit === null ? 0 : limit === 0 ? 100 : Math.min(100, (used / limit) * 100);
  const words = limit === null ? `${format(used)} used, no limit` : `${format(used)} of ${format(limit)} used`;
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <Text size="sm" c="dimmed">
          {words}
          {underWay > 0 && ` (${format(underWay)} unfinished)`}
        </Text>
      </Group>
      {limit !== null && (
        <Progress
          value={share}
          {...(share >= 100 ? { color: 'red.9' } : {})}
          mt={4}
          aria-label={`${title}: ${words}`}
        />
      )}
    </div>
  );
}
