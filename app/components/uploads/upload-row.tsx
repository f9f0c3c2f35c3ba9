'use client';

import { ActionIcon, Anchor, Button, Group, Text, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconRefresh, IconTrash, IconX, type TablerIcon } from '@tabler/icons-react';
import { formatBytes, formatSeconds } from '../format.ts';
import { Link } from '../link.tsx';
import { useRenderProgress } from '../render-progress.tsx';
import { renderProgressLabel } from '../update-render-progress.ts';
import { VerdictBadge } from '../verdict.tsx';
import { ResumeButton } from './resume-button.tsx';
import type { TrayRow } from './tray-rows.ts';
import classes from './upload-list.module.css';
import { UploadSteps } from './upload-steps.tsx';
import { useUploads } from './use-uploads.ts';

interface UploadRowProps {
  row: TrayRow;
  /** Milliseconds. */
  now: number;
  onLeave?: (() => void) | undefined;
}

/** One file: name, step, progress, and what can be done about it. */
export function UploadRow({ row, now, onLeave }: UploadRowProps) {
  const { filename, phase, label, verdict, modelId, error } = row;
  // The file is ready by then: its pictures come next to it, and may take minutes.
  const renderProgress = useRenderProgress(phase === 'done' ? modelId : null);
  const retrying = row.retryAt === null ? null : tryingAgain(row.retryAt - now);
  return (
    <li className={classes.row} data-testid="upload-row" data-state={phase} data-verdict={verdict ?? undefined}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        {modelId === null ? (
          <Text size="sm" fw={500} truncate miw={0} title={filename}>
            {filename}
          </Text>
        ) : (
          <Anchor
            component={Link}
            href={`/models/${modelId}`}
            onClick={() => onLeave?.()}
            size="sm"
            fw={500}
            truncate
            miw={0}
            title={filename}
          >
            {filename}
          </Anchor>
        )}
        <Group gap={2} wrap="nowrap" style={{ flexShrink: 0 }}>
          {verdict !== null && row.settled && <VerdictBadge verdict={verdict} size="sm" />}
          <RowActions row={row} />
        </Group>
      </Group>
      {!row.settled && <UploadSteps row={row} />}
      <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
        <Text size="xs" c={error === null ? 'dimmed' : 'var(--mantine-color-error)'} className="wrap">
          {sentences([label, error, retrying, renderProgress && renderProgressLabel(renderProgress)])}
        </Text>
        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
          <UploadSize row={row} now={now} />
        </Text>
      </Group>
      <FailureButton row={row} />
    </li>
  );
}

function tryingAgain(milliseconds: number): string {
  return milliseconds <= 0 ? 'Trying again now' : `Trying again in ${formatSeconds(Math.ceil(milliseconds / 1000))}`;
}

/** Puts sentences one after the other, whether or not they come with their full stop. */
function sentences(parts: readonly (string | null)[]): string {
  return parts
    .filter((part) => part !== null && part !== '')
    .map((part, index, all) => (index < all.length - 1 ? `${part?.replace(/\.$/, '')}.` : part))
    .join(' ');
}

/** How large a file is; while it is sent, how fast and for how long. Nothing is estimated while no byte moves. */
function UploadSize({ row, now }: { row: TrayRow; now: number }) {
  const speed = useUploads().speedOf(row, now);
  const { size, progress, phase } = row;
  if (phase !== 'uploading' || speed === null || speed <= 0) return formatBytes(size);
  const left = size * (1 - (progress ?? 0));
  return `${formatBytes(speed)}/s, ${formatSeconds(left / speed)} left`;
}

/** What a person can do about what went wrong, in words. */
function FailureButton({ row }: { row: TrayRow }) {
  const { startOver } = useUploads();
  const { action, filename } = row;
  if (row.phase === 'retrying' || action === null || action === 'retry') return null;
  return (
    <Group mt={6}>
      {action === 'select-again' && <ResumeButton row={row} />}
      {action === 'start-over' && (
        <Button size="xs" variant="default" aria-label={`Start ${filename} over`} onClick={() => startOver(row)}>
          Start over
        </Button>
      )}
      {action === 'sign-in' && (
        // In another tab: leaving this page would lose the files that were selected.
        <Button
          component="a"
          href="/sign-in?next=/upload"
          target="_blank"
          size="xs"
          aria-label={`Sign in to resume ${filename} (opens a new tab)`}
        >
          Sign in
        </Button>
      )}
    </Group>
  );
}

/** Of files that an attempt is under way for or waits. */
const PAUSABLE = new Set<TrayRow['phase']>(['waiting', 'preparing', 'uploading', 'retrying']);
const CANCELLABLE = new Set<TrayRow['phase']>([...PAUSABLE, 'elsewhere', 'paused', 'failed', 'unfinished']);

function RowActions({ row }: { row: TrayRow }) {
  const { pause, retry, cancel, dismiss } = useUploads();
  const { phase, filename, action } = row;
  if (row.settled) return <RowAction icon={IconX} label="Clear" filename={filename} onClick={() => dismiss([row])} />;
  return (
    <>
      {(phase === 'retrying' || (phase === 'failed' && action === 'retry')) && (
        <RowAction icon={IconRefresh} label="Retry" filename={filename} onClick={() => retry(row)} />
      )}
      {row.taskId !== null && PAUSABLE.has(phase) && (
        <RowAction icon={IconPlayerPause} label="Pause" filename={filename} onClick={() => pause(row)} />
      )}
      {phase === 'paused' && (
        <RowAction icon={IconPlayerPlay} label="Resume" filename={filename} onClick={() => retry(row)} />
      )}
      {CANCELLABLE.has(phase) && (
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
