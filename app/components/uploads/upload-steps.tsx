'use client';

import { Group, Progress } from '@mantine/core';
import { STEPS, type TrayRow } from './tray-rows.ts';

/** The way of one file as a bar in parts, one a step: what is behind it is full, what is ahead is empty. */
export function UploadSteps({ row }: { row: TrayRow }) {
  const { step, progress, label, filename, phase } = row;
  const done = progress ?? 0;
  return (
    <Group
      gap={3}
      my={6}
      wrap="nowrap"
      role="progressbar"
      aria-label={`${label}: ${filename}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(((step + done) / STEPS.length) * 100)}
    >
      {STEPS.map((name, index) => (
        <Progress
          key={name}
          aria-hidden
          size={5}
          // Sending takes longest, and its part is the one people watch.
          flex={index === 0 ? 4 : 1}
          {...(phase === 'failed' && { color: 'red' })}
          value={index < step ? 100 : index === step ? done * 100 : 0}
        />
      ))}
    </Group>
  );
}
