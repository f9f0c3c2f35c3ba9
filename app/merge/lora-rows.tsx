'use client';

import { ActionIcon, Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { type ChosenModel, ModelSelect } from './model-select.tsx';

export interface ChosenLora {
  key: number;
  model: ChosenModel | null;
  weight: number | string;
  /** For the layers of text encoders; empty for the same weight. */
  textWeight: number | string;
}

interface LoraRowsProps {
  base: string | null;
  value: readonly ChosenLora[];
  onChange: (rows: ChosenLora[]) => void;
  /** Whether text encoders may have a weight of their own. */
  hasTextWeight: boolean;
  error?: string | undefined;
}

const MAX_LORAS = 20;

/** LoRAs, each at a weight. */
export function LoraRows({ base, value, onChange, hasTextWeight, error }: LoraRowsProps) {
  const replace = (key: number, some: Partial<ChosenLora>) =>
    onChange(value.map((row) => (row.key === key ? { ...row, ...some } : row)));
  return (
    <Stack gap="xs">
      {value.map(({ key, model, weight, textWeight }, index) => (
        <Group key={key} align="flex-end">
          <Stack flex={1} miw={220}>
            <ModelSelect
              label={`LoRA ${index + 1}`}
              types={['lora']}
              base={base}
              value={model}
              onChange={(chosen) => replace(key, { model: chosen })}
              hasFault={error !== undefined && model === null}
            />
          </Stack>
          <NumberInput
            label="LoRA weight"
            min={-2}
            max={2}
            step={0.05}
            decimalScale={4}
            w={120}
            value={weight}
            error={error !== undefined && weight === ''}
            onChange={(next) => replace(key, { weight: next })}
          />
          {hasTextWeight && (
            <NumberInput
              label="Text encoder weight"
              placeholder={weight === '' ? '' : String(weight)}
              min={-2}
              max={2}
              step={0.05}
              decimalScale={4}
              w={120}
              value={textWeight}
              onChange={(next) => replace(key, { textWeight: next })}
            />
          )}
          <ActionIcon
            variant="default"
            size={36}
            aria-label={`Remove LoRA ${index + 1}`}
            disabled={value.length === 1}
            onClick={() => onChange(value.filter((row) => row.key !== key))}
          >
            <IconTrash size={18} />
          </ActionIcon>
        </Group>
      ))}
      {error !== undefined && (
        <Text size="sm" c="red" role="alert">
          {error}
        </Text>
      )}
      <Group>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          disabled={value.length >= MAX_LORAS}
          onClick={() =>
            onChange([
              ...value,
              { key: Math.max(...value.map(({ key }) => key)) + 1, model: null, weight: 1, textWeight: '' },
            ])
          }
        >
          Add LoRA
        </Button>
      </Group>
    </Stack>
  );
}
