import { Badge, type MantineSize } from '@mantine/core';
import {
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconClockPause,
  IconFileBroken,
  IconLockPause,
  IconRadar2,
  type TablerIcon,
} from '@tabler/icons-react';
import { type FileStateName, labelOf, VERDICTS } from '#lib/catalog/client.ts';

export const VERDICT_ICONS: Record<FileStateName, TablerIcon> = {
  clean: IconCircleCheckFilled,
  suspicious: IconAlertTriangleFilled,
  malformed: IconFileBroken,
  dangerous: IconAlertOctagonFilled,
  incomplete: IconClockPause,
  scanning: IconRadar2,
  quarantined: IconLockPause,
};

/** The verdict in a word with its sign, so that colour never has to be seen. */
export function VerdictBadge({ verdict, size = 'md' }: { verdict: FileStateName; size?: MantineSize }) {
  const Icon = VERDICT_ICONS[verdict];
  return (
    <Badge
      size={size}
      radius="sm"
      tt="none"
      fw={600}
      leftSection={<Icon size={14} aria-hidden />}
      data-verdict={verdict}
      style={{
        '--badge-bg': `var(--verdict-${verdict}-bg)`,
        '--badge-color': `var(--verdict-${verdict}-fg)`,
        // Never cut: it is the word people look for.
        minWidth: 'max-content',
        flexShrink: 0,
      }}
    >
      {labelOf(VERDICTS, verdict)}
    </Badge>
  );
}
