'use client';

import { Button, Group, Paper, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { SETTINGS_PATCH } from '#lib/previews/client.ts';
import { messageOf } from '../../components/call-api.ts';
import { ComfyCheck } from './comfy-check.tsx';

interface ComfyAddressProps {
  address: string | null;
  /** Rejects with the service's own words where the address is refused. */
  onSave: (address: string | null) => Promise<void>;
}

/** The ComfyUI server that renders what the engine of this program does not. */
export function ComfyAddress({ address, onSave }: ComfyAddressProps) {
  const [text, setText] = useState(address ?? '');
  const [error, setError] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = text.trim() === '' ? null : text.trim();
    if (!SETTINGS_PATCH.safeParse({ comfyUrl: wanted }).success) {
      setError('Enter a full address, such as http://gpu:8188.');
      return;
    }
    setError(null);
    setSaving(true);
    try {
      await onSave(wanted);
    } catch (failure) {
      setError(messageOf(failure));
    } finally {
      setSaving(false);
    }
  };
  return (
    <Paper withBorder p="md" component="section" aria-label="ComfyUI">
      <Title order={2} fz="md" mb={4}>
        ComfyUI
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        Renders the base models selected below. FLUX, SD 3 and later models can only be rendered with ComfyUI.
      </Text>
      <form onSubmit={(event) => void save(event)} noValidate>
        <Group align="flex-start" gap="xs">
          <TextInput
            flex="1 1 260px"
            maw={480}
            aria-label="ComfyUI address"
            placeholder="http://gpu:8188"
            value={text}
            error={error}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button type="submit" loading={saving} disabled={text.trim() === (address ?? '')}>
            Save
          </Button>
        </Group>
      </form>
      {address !== null && <ComfyCheck key={address} />}
    </Paper>
  );
}
