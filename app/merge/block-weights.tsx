'use client';

import { Select, Stack, Textarea } from '@mantine/core';
import { BLOCK_PRESETS, countBlocks, writePreset } from './block-presets.ts';

interface BlockWeightsProps {
  /** Base version of the first model; null before it is chosen. */
  base: string | null;
  value: string;
  onChange: (text: string) => void;
  error?: string | undefined;
}

/** A weight for each block of the network, as a text of numbers that presets fill. */
export function BlockWeights({ base, value, onChange, error }: BlockWeightsProps) {
  const count = base === null ? null : countBlocks(base);
  if (count === null) return null;
  return (
    <Stack gap="xs">
      <Select
        label="Block weights (optional)"
        placeholder="One weight for all"
        data={BLOCK_PRESETS}
        value={null}
        onChange={(preset) => preset !== null && onChange(writePreset(preset, count))}
        maw={320}
      />
      <Textarea
        aria-label="Numbers of the block weights"
        description={`${count} numbers: inputs, the middle, outputs. One more in front is for all other tensors, which take the weight above otherwise.`}
        autosize
        minRows={2}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
      />
    </Stack>
  );
}
