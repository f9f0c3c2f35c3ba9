'use client';

import { ActionIcon, Badge, Collapse, Group, Paper, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconChevronDown, IconChevronUp, IconX } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { formatCount } from '../format.ts';
import type { TrayRow } from './tray-rows.ts';
import { UploadRow } from './upload-row.tsx';
import classes from './upload-tray.module.css';
import { useUploads } from './use-uploads.ts';

/** Remembered so that a reload does not bring back what was put away. */
const MAX_DISMISSED = 200;

/** Docked at the bottom of every page: each file from the first byte sent to its verdict. */
export function UploadTray() {
  const { rows } = useUploads();
  const [chosen, setOpen] = useState<boolean | null>(null);
  const [dismissed, setDismissed] = useLocalStorage<string[]>({ key: 'weighhouse-tray-dismissed', defaultValue: [] });
  const shown = rows.filter(({ key }) => !dismissed.includes(key));
  const announcement = useAnnouncement(shown);
  // Open from the first thing that moves until somebody closes it; what was over before this page stays folded.
  const [moved, setMoved] = useState(false);
  if (!moved && shown.some((row) => !row.settled)) setMoved(true);
  const open = chosen ?? moved;
  const settled = shown.filter((row) => row.settled);
  const dismiss = (keys: string[]) => setDismissed((before) => [...before, ...keys].slice(-MAX_DISMISSED));

  return (
    <>
      <VisuallyHidden role="status" aria-live="polite">
        {announcement}
      </VisuallyHidden>
      {shown.length > 0 && (
        <Paper
          component="section"
          aria-label="Uploads"
          data-testid="upload-tray"
          withBorder
          shadow="lg"
          className={classes.tray}
        >
          <Group justify="space-between" px="sm" py={6} wrap="nowrap" className={classes.head}>
            <Group gap="xs" wrap="nowrap">
              <Text fw={600} size="sm">
                Uploads
              </Text>
              <Badge size="sm" variant="default" tt="none">
                {settled.length === shown.length
                  ? formatCount(shown.length, 'file')
                  : `${settled.length} of ${shown.length} finished`}
              </Badge>
            </Group>
            <Group gap={4} wrap="nowrap">
              {settled.length > 0 && (
                <Tooltip label="Clear finished">
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label="Clear finished uploads"
                    onClick={() => dismiss(settled.map(({ key }) => key))}
                  >
                    <IconX size={18} />
                  </ActionIcon>
                </Tooltip>
              )}
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={open ? 'Hide uploads' : 'Show uploads'}
                aria-expanded={open}
                onClick={() => setOpen(!open)}
              >
                {open ? <IconChevronDown size={18} /> : <IconChevronUp size={18} />}
              </ActionIcon>
            </Group>
          </Group>
          <Collapse expanded={open}>
            <ul className={classes.list}>
              {shown.map((row) => (
                <UploadRow key={row.key} row={row} onDismiss={() => dismiss([row.key])} />
              ))}
            </ul>
          </Collapse>
        </Paper>
      )}
    </>
  );
}

/** What a screen reader is told: each file's step when it changes, without the percentages. */
function useAnnouncement(rows: readonly TrayRow[]): string {
  const before = useRef(new Map<string, string>());
  const [text, setText] = useState('');
  useEffect(() => {
    const changed = rows.filter(({ key, phase }) => before.current.has(key) && before.current.get(key) !== phase);
    before.current = new Map(rows.map(({ key, phase }) => [key, phase]));
    if (changed.length > 0) setText(changed.map(({ filename, label }) => `${filename}: ${label}`).join('. '));
  }, [rows]);
  return text;
}
