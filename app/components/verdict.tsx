import { Badge, type MantineSize } from '@mantine/core';
import {
  IconAlertTriangle,
  IconClockPause,
  IconFileBroken,
  IconLockPause,
  IconRadar2,
  IconShieldCheck,
  IconShieldX,
  type TablerIcon,
} from '@tabler/icons-react';
import { type FileStateName, labelOf, VERDICTS } from '../../lib/catalog/client.ts';

export const VERDICT_ICONS: Record<FileStateName, TablerIcon> = {
  clean: IconShieldCheck,
  suspicious: IconAlertTriangle,
  malformed: IconFileBroken,
  dangerous: IconShieldX,
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
        flexShrink: 0,
      }}
    >
      {labelOf(VERDICTS, verdict)}
    </Badge>
  );
}
