'use client';

import { Alert, Button, Group, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { formatCount } from '../format.ts';
import { summarize } from './tray-rows.ts';
import classes from './upload-list.module.css';
import { UploadRow } from './upload-row.tsx';
import { useUploads } from './use-uploads.ts';

/** More rows than anybody reads make a page slow. */
const MAX_SHOWN = 100;

/** Each upload from the first byte sent to its verdict. `onLeave`: a link to another page was followed. */
export function UploadList({ onLeave }: { onLeave?: () => void }) {
  const { rows, isServerAway, dismiss } = useUploads();
  const { unfinished } = summarize(rows);
  const settled = rows.filter((row) => row.settled);
  const now = useNow(unfinished > 0);
  return (
    <section aria-label="Uploads">
      {isServerAway && (
        <Alert variant="light" color="orange" p="xs" radius={0} icon={<IconPlugConnectedX aria-hidden />}>
          <Text size="xs">No connection to the server. What follows may be out of date.</Text>
        </Alert>
      )}
      <Group justify="space-between" px="sm" py={6} wrap="nowrap">
        <Text size="xs" c="dimmed">
          {unfinished === 0
            ? `${formatCount(rows.length, 'file')}, all finished`
            : `${settled.length} of ${rows.length} finished`}
        </Text>
        {settled.length > 0 && (
          <Button
            variant="subtle"
            size="compact-xs"
            aria-label="Clear finished uploads"
            onClick={() => dismiss(settled)}
          >
            Clear finished
          </Button>
        )}
      </Group>
      <ul className={classes.list}>
        {rows.slice(0, MAX_SHOWN).map((row) => (
          <UploadRow key={row.key} row={row} now={now} onLeave={onLeave} />
        ))}
      </ul>
      {rows.length > MAX_SHOWN && (
        <Text size="xs" c="dimmed" px="sm" py={6}>
          {formatCount(rows.length - MAX_SHOWN, 'more file')}
        </Text>
      )}
    </section>
  );
}

/** The time in milliseconds, each second while something is counted down or estimated. */
function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isTicking) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [isTicking]);
  return now;
}
