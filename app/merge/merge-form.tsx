'use client';

import { Button, Group, NumberInput, Paper, Select, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { MergeForm as Asked, MergeKind } from '#lib/merges/client.ts';
import { callApi } from '../components/call-api.ts';
import { notifyDone, notifyFailure } from '../components/notify.ts';
import { readBlocks } from './block-presets.ts';
import { BlockWeights } from './block-weights.tsx';
import { type ChosenLora, LoraRows } from './lora-rows.tsx';
import { type ChosenModel, ModelSelect } from './model-select.tsx';

const HOSTS = ['checkpoint', 'diffusion-model'] as const;
const KINDS: readonly { value: MergeKind; label: string; weight: number | null }[] = [
  { value: 'weighted-sum', label: 'Weighted sum: A + weight × (B − A)', weight: 0.5 },
  { value: 'add-difference', label: 'Add difference: A + weight × (B − C)', weight: 1 },
  { value: 'bake-loras', label: 'Bake LoRAs into a checkpoint', weight: null },
  { value: 'combine-loras', label: 'Merge LoRAs into one LoRA', weight: null },
  { value: 'replace-vae', label: 'Replace the VAE of a checkpoint', weight: null },
];

interface Values {
  kind: MergeKind;
  a: ChosenModel | null;
  b: ChosenModel | null;
  c: ChosenModel | null;
  vae: ChosenModel | null;
  loras: ChosenLora[];
  weight: number | string;
  blocks: string;
  dtype: Asked['dtype'];
  name: string;
}

type Errors = Partial<Record<keyof Values, string>>;

/** What is to be merged. The service checks it all again. */
export function MergeForm({ first, onAsked }: { first: ChosenModel | null; onAsked: () => void }) {
  const isLora = first?.type === 'lora';
  const [values, setValues] = useState<Values>({
    kind: isLora ? 'bake-loras' : 'weighted-sum',
    a: isLora ? null : first,
    b: null,
    c: null,
    vae: null,
    loras: [{ key: 1, model: isLora ? first : null, weight: 1, textWeight: '' }],
    weight: 0.5,
    blocks: '',
    dtype: 'keep',
    name: '',
  });
  const [errors, setErrors] = useState<Errors>({});
  const [sending, setSending] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // To the first field that is wrong, for those who do not see which it is.
  useEffect(() => {
    if (Object.keys(errors).length > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);
  const change = (some: Partial<Values>) => {
    setValues((old) => ({ ...old, ...some }));
    setErrors({});
  };
  const { kind, a, b, c, vae, loras } = values;
  const isSum = kind === 'weighted-sum' || kind === 'add-difference';
  const hasHost = kind !== 'combine-loras';
  const base = hasHost ? (a?.base ?? null) : (loras.find(({ model }) => model !== null)?.model?.base ?? null);

  const send = async () => {
    const { request, faults } = readForm(values);
    setErrors(faults);
    if (request === null) return;
    setSending(true);
    try {
      await callApi('POST', '/api/merges', request);
      notifyDone('Merge queued.');
      change({ name: '' });
      onAsked();
    } catch (error) {
      notifyFailure('Merge not queued', error);
    } finally {
      setSending(false);
    }
  };

  return (
    <Paper
      withBorder
      p="lg"
      component="form"
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Stack>
        <Select
          label="Merge method"
          data={KINDS.map(({ value, label }) => ({ value, label }))}
          allowDeselect={false}
          value={kind}
          onChange={(value) => {
            const chosen = KINDS.find((one) => one.value === value);
            if (chosen !== undefined) change({ kind: chosen.value, weight: chosen.weight ?? values.weight });
          }}
        />
        {hasHost && (
          <ModelSelect
            label={isSum ? 'Model A' : 'Checkpoint'}
            types={HOSTS}
            base={null}
            value={a}
            onChange={(model) => change({ a: model })}
            error={errors.a ?? null}
          />
        )}
        {isSum && (
          <ModelSelect
            label="Model B"
            types={HOSTS}
            base={base}
            value={b}
            onChange={(model) => change({ b: model })}
            error={errors.b ?? null}
          />
        )}
        {kind === 'add-difference' && (
          <ModelSelect
            label="Model C"
            description="The model to subtract: usually the base model that B was trained from"
            types={HOSTS}
            base={base}
            value={c}
            onChange={(model) => change({ c: model })}
            error={errors.c ?? null}
          />
        )}
        {isSum && (
          <NumberInput
            label="Weight"
            description={kind === 'weighted-sum' ? '0 keeps A, 1 keeps B' : 'Strength of the added difference'}
            min={-2}
            max={2}
            step={0.05}
            decimalScale={4}
            maw={240}
            value={values.weight}
            onChange={(weight) => change({ weight })}
            error={errors.weight}
          />
        )}
        {isSum && (
          <BlockWeights
            base={a?.base ?? null}
            value={values.blocks}
            onChange={(blocks) => change({ blocks })}
            error={errors.blocks}
          />
        )}
        {(kind === 'bake-loras' || kind === 'combine-loras') && (
          <LoraRows
            base={base}
            value={loras}
            onChange={(rows) => change({ loras: rows })}
            hasTextWeight={kind === 'bake-loras'}
            error={errors.loras}
          />
        )}
        {hasHost && (
          <ModelSelect
            label={kind === 'replace-vae' ? 'VAE' : 'VAE (optional)'}
            description="A VAE, or a checkpoint that contains one"
            types={['vae', 'checkpoint']}
            base={null}
            value={vae}
            onChange={(model) => change({ vae: model })}
            error={errors.vae ?? null}
            clearable
          />
        )}
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label="Name of the new model"
            required
            maxLength={120}
            value={values.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={errors.name}
          />
          <Select
            label="Precision"
            data={[
              { value: 'keep', label: hasHost ? 'Same as the first model' : 'Same as the LoRAs' },
              { value: 'f16', label: 'f16 (half the size of f32)' },
              { value: 'bf16', label: 'bf16' },
              { value: 'f32', label: 'f32' },
            ]}
            allowDeselect={false}
            value={values.dtype}
            onChange={(dtype) => change({ dtype: (dtype ?? 'keep') as Asked['dtype'] })}
          />
        </SimpleGrid>
        <Group justify="flex-end">
          <Button type="submit" loading={sending}>
            Merge
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
}

/** The request, or what is wrong with each field. */
function readForm(values: Values): { request: object | null; faults: Errors } {
  const { kind, a, b, c, vae, loras, dtype } = values;
  const faults: Errors = {};
  const name = values.name.trim();
  if (name === '') faults.name = 'Enter a name for the new model.';
  const isSum = kind === 'weighted-sum' || kind === 'add-difference';
  if (kind !== 'combine-loras' && a === null) faults.a = 'Select a model.';
  if (isSum && b === null) faults.b = 'Select a model.';
  if (kind === 'add-difference' && c === null) faults.c = 'Select a model.';
  if (kind === 'replace-vae' && vae === null) faults.vae = 'Select a VAE.';
  const weight = Number(values.weight);
  if (isSum && (values.weight === '' || !isWeight(weight))) faults.weight = 'Enter a number from -2 to 2.';
  const blocks = readBlocks(values.blocks);
  if (isSum && blocks === null) faults.blocks = 'Enter numbers from -2 to 2, separated by commas.';

  const chosen = loras.flatMap(({ model, weight: own, textWeight }) =>
    model === null
      ? []
      : [
          {
            id: model.id,
            weight: own === '' ? Number.NaN : Number(own),
            ...(kind === 'bake-loras' && textWeight !== '' ? { textWeight: Number(textWeight) } : {}),
          },
        ],
  );
  if (chosen.some((lora) => !isWeight(lora.weight) || !isWeight(lora.textWeight ?? 0)))
    faults.loras = 'LoRA weights must be numbers from -2 to 2.';
  if (kind === 'bake-loras' && chosen.length < 1) faults.loras = 'Select a LoRA.';
  if (kind === 'combine-loras' && chosen.length < 2) faults.loras = 'Select two or more LoRAs.';
  if (Object.keys(faults).length > 0) return { request: null, faults };
  const request = {
    kind,
    name,
    dtype,
    ...(kind === 'combine-loras' ? {} : { a: a?.id, vae: vae?.id }),
    ...(isSum ? { b: b?.id, weight, ...(blocks !== null && blocks.length > 0 ? { blocks } : {}) } : {}),
    ...(kind === 'add-difference' ? { c: c?.id } : {}),
    ...(kind === 'bake-loras' || kind === 'combine-loras' ? { loras: chosen } : {}),
  };
  return { request, faults };
}

function isWeight(number: number): boolean {
  return Math.abs(number) <= 2;
}
