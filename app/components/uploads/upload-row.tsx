'use client';

import { ActionIcon, Anchor, Group, Progress, Text, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconTrash, IconX, type TablerIcon } from '@tabler/icons-react';
import Link from 'next/link';
import { formatBytes, formatSeconds } from '../format.ts';
import { VerdictBadge } from '../verdict.tsx';
import type { TrayRow } from './tray-rows.ts';
import { useUploads } from './upload-provider.tsx';
import classes from './upload-tray.module.css';

/** One file of the tray: name, step, progress, and what can be done about it. */
export function UploadRow({ row, onDismiss }: { row: TrayRow; onDismiss: () => void }) {
  const { filename, phase, progress, label, verdict, modelId, error, size } = row;
  return (
    <li className={classes.row} data-testid="upload-row" data-state={phase} data-verdict={verdict ?? undefined}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        {modelId === null ? (
          <Text size="sm" fw={500} truncate title={filename}>
            {filename}
          </Text>
        ) : (
          <Anchor component={Link} href={`/models/${modelId}`} size="sm" fw={500} truncate title={filename}>
            {filename}
          </Anchor>
        )}
        <Group gap={2} wrap="nowrap">
          {verdict !== null && row.settled && <VerdictBadge verdict={verdict} size="sm" />}
          <RowActions row={row} onDismiss={onDismiss} />
        </Group>
      </Group>
      {progress !== null && !row.settled && (
        <Progress
          value={progress * 100}
          size="sm"
          my={6}
          color={phase === 'failed' ? 'red' : undefined}
          aria-label={`${label}: ${filename}`}
        />
      )}
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" c={error === null ? 'dimmed' : 'var(--mantine-color-error)'}>
          {error === null ? label : `${label}. ${error}`}
        </Text>
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {phase === 'uploading' ? <Pace row={row} /> : formatBytes(size)}
        </Text>
      </Group>
    </li>
  );
}

function Pace({ row }: { row: TrayRow }) {
  const speed = useUploads().speedOf(row);
  if (speed === null || speed <= 0) return formatBytes(row.size);
  const left = row.size * (1 - (row.progress ?? 0));
  return `${formatBytes(speed)}/s, ${formatSeconds(left / speed)} left`;
}

function RowActions({ row, onDismiss }: { row: TrayRow; onDismiss: () => void }) {
  const { pauseOrResume, retry, cancel } = useUploads();
  const { phase, filename } = row;
  if (row.settled) return <RowAction icon={IconX} label={`Clear ${filename}`} onClick={onDismiss} />;
  const sending = row.localId !== null && (phase === 'uploading' || phase === 'waiting');
  return (
    <>
      {sending && <RowAction icon={IconPlayerPause} label={`Pause ${filename}`} onClick={() => pauseOrResume(row)} />}
      {phase === 'paused' && (
        <RowAction icon={IconPlayerPlay} label={`Resume ${filename}`} onClick={() => pauseOrResume(row)} />
      )}
      {phase === 'failed' && row.localId !== null && (
        <RowAction icon={IconRefresh} label={`Try ${filename} again`} onClick={() => retry(row)} />
      )}
      {(sending || phase === 'paused' || phase === 'failed' || phase === 'unfinished') && (
        <RowAction icon={IconTrash} label={`Cancel ${filename}`} onClick={() => cancel(row)} />
      )}
    </>
  );
}

function RowAction({ icon: Icon, label, onClick }: { icon: TablerIcon; label: string; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} onClick={onClick}>
        <Icon size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
