'use client';

import { Group, NumberInput } from '@mantine/core';
import type { QuotaFields } from './quota-fields.ts';

interface QuotaInputsProps {
  value: QuotaFields;
  disabled?: boolean;
  onChange: (value: QuotaFields) => void;
}

/** Bytes and files. */
export function QuotaInputs({ value, disabled = false, onChange }: QuotaInputsProps) {
  const number = (input: number | string) => (typeof input === 'number' ? input : '');
  return (
    <Group grow align="flex-start">
      <NumberInput
        label="Storage, in GiB"
        placeholder="No limit"
        min={0}
        max={8_000_000}
        decimalScale={2}
        disabled={disabled}
        value={value.gib}
        onChange={(gib) => onChange({ ...value, gib: number(gib) })}
      />
      <NumberInput
        label="Files"
        placeholder="No limit"
        min={0}
        max={1_000_000_000}
        allowDecimal={false}
        disabled={disabled}
        value={value.files}
        onChange={(files) => onChange({ ...value, files: number(files) })}
      />
    </Group>
  );
}
