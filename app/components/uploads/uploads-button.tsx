'use client';

import { ActionIcon, Group, Indicator, Popover, RingProgress, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { IconArrowsUpDown, IconX } from '@tabler/icons-react';
import { type ComponentProps, useEffect, useRef, useState } from 'react';
import { formatCount } from '../format.ts';
import { summarize, type TrayRow, type TraySummary } from './tray-rows.ts';
import classes from './upload-list.module.css';
import { UploadList } from './upload-list.tsx';
import { useUploads } from './use-uploads.ts';

/** In the header of every page while there are uploads: how many are not finished, and all of them on demand. */
export function UploadsButton() {
  const { rows } = useUploads();
  const [isOpen, setOpen] = useState(false);
  const announcement = useAnnouncement(rows);
  if (isOpen && rows.length === 0) setOpen(false);
  return (
    <>
      <VisuallyHidden role="status" aria-live="polite">
        {announcement}
      </VisuallyHidden>
      {rows.length > 0 && (
        <Popover
          opened={isOpen}
          onChange={setOpen}
          position="bottom-end"
          offset={14}
          width="min(440px, calc(100vw - 24px))"
          shadow="lg"
          trapFocus
          returnFocus
        >
          <Popover.Target>
            <SummaryButton summary={summarize(rows)} isOpen={isOpen} onClick={() => setOpen(!isOpen)} />
          </Popover.Target>
          <Popover.Dropdown p={0} aria-label="Uploads" data-testid="upload-tray">
            <Group justify="space-between" px="sm" py={6} wrap="nowrap" className={classes.head}>
              <Text fw={600} size="sm">
                Uploads
              </Text>
              <Tooltip label="Close">
                <ActionIcon variant="subtle" color="gray" aria-label="Close uploads" onClick={() => setOpen(false)}>
                  <IconX size={18} />
                </ActionIcon>
              </Tooltip>
            </Group>
            <div className={classes.scroll}>
              <UploadList onLeave={() => setOpen(false)} />
            </div>
          </Popover.Dropdown>
        </Popover>
      )}
    </>
  );
}

interface SummaryButtonProps extends Pick<ComponentProps<'button'>, 'ref' | 'id' | 'onClick' | 'aria-controls'> {
  summary: TraySummary;
  isOpen: boolean;
}

function SummaryButton({ summary, isOpen, ref = null, ...props }: SummaryButtonProps) {
  const { unfinished, failed, progress } = summary;
  const color = failed > 0 ? 'red' : 'verdigris';
  const parts = [
    unfinished === 0 ? 'all finished' : `${formatCount(unfinished, 'file')} unfinished`,
    failed > 0 && `${failed} failed`,
    progress !== null && `${Math.floor(progress * 100)} % sent`,
  ];
  return (
    <Indicator
      label={unfinished > 99 ? '99+' : unfinished}
      disabled={unfinished === 0}
      size={18}
      offset={4}
      color={failed > 0 ? 'red.8' : 'verdigris'}
      classNames={{ root: classes.button, indicator: classes.count }}
    >
      <ActionIcon
        {...props}
        ref={ref}
        variant="default"
        size={36}
        data-testid="uploads-button"
        aria-label={`Uploads: ${parts.filter(Boolean).join(', ')}`}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
      >
        {progress === null ? (
          <IconArrowsUpDown size={18} aria-hidden />
        ) : (
          <RingProgress
            aria-hidden
            size={32}
            thickness={3}
            sections={[{ value: progress * 100, color }]}
            label={<IconArrowsUpDown size={14} className={classes.ringIcon} />}
          />
        )}
      </ActionIcon>
    </Indicator>
  );
}

/** What a screen reader is told: each file's step when it changes, without the percentages. */
function useAnnouncement(rows: readonly TrayRow[]): string {
  const before = useRef(new Map<string, string>());
  const [text, setText] = useState('');
  useEffect(() => {
    const changed = rows.filter(({ key, phase }) => before.current.has(key) && before.current.get(key) !== phase);
    before.current = new Map(rows.map(({ key, phase }) => [key, phase]));
    const [first, ...others] = changed;
    if (first === undefined) return;
    const more = others.length === 0 ? '' : `. ${formatCount(others.length, 'more file')} changed`;
    setText(`${first.filename}: ${[first.label, first.error].filter(Boolean).join('. ')}${more}`);
  }, [rows]);
  return text;
}
