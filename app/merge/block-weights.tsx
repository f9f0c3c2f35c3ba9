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
        placeholder="Same weight for all blocks"
        data={BLOCK_PRESETS}
        value={null}
        onChange={(preset) => preset !== null && onChange(writePreset(preset, count))}
        maw={320}
      />
      <Textarea
        aria-label="Block weights, separated by commas"
        description={`${count} numbers: input blocks, middle block, output blocks. Add one in front for all other tensors; without it they use the weight above.`}
        autosize
        minRows={2}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
      />
    </Stack>
  );
}
