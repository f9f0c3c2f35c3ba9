'use client';

import { ActionIcon, Anchor, Group, Text, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconTrash, IconX, type TablerIcon } from '@tabler/icons-react';
import { formatBytes, formatSeconds } from '../format.ts';
import { Link } from '../link.tsx';
import { useRenderProgress } from '../render-progress.tsx';
import { renderProgressLabel } from '../update-render-progress.ts';
import { VerdictBadge } from '../verdict.tsx';
import { ResumeButton } from './resume-button.tsx';
import type { TrayRow } from './tray-rows.ts';
import { UploadSteps } from './upload-steps.tsx';
import classes from './upload-tray.module.css';
import { useUploads } from './use-uploads.ts';

/** One file of the tray: name, step, progress, and what can be done about it. */
export function UploadRow({ row, onDismiss }: { row: TrayRow; onDismiss: () => void }) {
  const { filename, phase, label, verdict, modelId, error, size } = row;
  // The file is ready by then: its pictures come next to it, and may take minutes.
  const renderProgress = useRenderProgress(phase === 'done' ? modelId : null);
  return (
    <li className={classes.row} data-testid="upload-row" data-state={phase} data-verdict={verdict ?? undefined}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        {modelId === null ? (
          <Text size="sm" fw={500} truncate miw={0} title={filename}>
            {filename}
          </Text>
        ) : (
          <Anchor component={Link} href={`/models/${modelId}`} size="sm" fw={500} truncate miw={0} title={filename}>
            {filename}
          </Anchor>
        )}
        <Group gap={2} wrap="nowrap" style={{ flexShrink: 0 }}>
          {verdict !== null && row.settled && <VerdictBadge verdict={verdict} size="sm" />}
          <RowActions row={row} onDismiss={onDismiss} />
        </Group>
      </Group>
      {!row.settled && <UploadSteps row={row} />}
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" c={error === null ? 'dimmed' : 'var(--mantine-color-error)'} className="wrap">
          {[label, error, renderProgress && renderProgressLabel(renderProgress)].filter(Boolean).join('. ')}
        </Text>
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          {phase === 'uploading' ? <UploadSpeed row={row} /> : formatBytes(size)}
        </Text>
      </Group>
      {phase === 'unfinished' && (
        <Group mt={6}>
          <ResumeButton row={row} />
        </Group>
      )}
    </li>
  );
}

function UploadSpeed({ row }: { row: TrayRow }) {
  const speed = useUploads().speedOf(row);
  if (speed === null || speed <= 0) return formatBytes(row.size);
  const left = row.size * (1 - (row.progress ?? 0));
  return `${formatBytes(speed)}/s, ${formatSeconds(left / speed)} left`;
}

function RowActions({ row, onDismiss }: { row: TrayRow; onDismiss: () => void }) {
  const { pauseOrResume, retry, cancel } = useUploads();
  const { phase, filename } = row;
  if (row.settled) return <RowAction icon={IconX} label="Clear" filename={filename} onClick={onDismiss} />;
  const sending = row.localId !== null && (phase === 'uploading' || phase === 'waiting');
  return (
    <>
      {sending && (
        <RowAction icon={IconPlayerPause} label="Pause" filename={filename} onClick={() => pauseOrResume(row)} />
      )}
      {phase === 'paused' && (
        <RowAction icon={IconPlayerPlay} label="Resume" filename={filename} onClick={() => pauseOrResume(row)} />
      )}
      {phase === 'failed' && row.localId !== null && (
        <RowAction icon={IconRefresh} label="Retry" filename={filename} onClick={() => retry(row)} />
      )}
      {(sending || phase === 'paused' || phase === 'failed' || phase === 'unfinished') && (
        <RowAction icon={IconTrash} label="Cancel" filename={filename} onClick={() => cancel(row)} />
      )}
    </>
  );
}

interface RowActionProps {
  icon: TablerIcon;
  /** The tip next to the pointer; a screen reader hears which file it is about. */
  label: string;
  filename: string;
  onClick: () => void;
}

function RowAction({ icon: Icon, label, filename, onClick }: RowActionProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="md" aria-label={`${label} ${filename}`} onClick={onClick}>
        <Icon size={16} />
      </ActionIcon>
    </Tooltip>
  );
}
