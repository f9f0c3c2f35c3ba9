'use client';

import { Button, Group, Stack, Text } from '@mantine/core';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { BASES, type FileView, labelOf, type ModelPatch, type ModelView } from '#lib/catalog/client.ts';
import { callApi } from '../../components/call-api.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';

type Identity = NonNullable<FileView['identity']>;

/** Base models that fit the weights alike. Who may edit the model selects one with a click, as in the dialog. */
export function Candidates({ model, identity }: { model: ModelView; identity: Identity }) {
  const router = useRouter();
  const [isBusy, setBusy] = useState(false);
  const candidates = (identity.candidates ?? []).filter((base) => base !== 'unknown');
  if (candidates.length < 2) return null;
  const isSet = model.baseSource === 'user';

  const select = async (base: string) => {
    setBusy(true);
    try {
      await callApi('PATCH', `/api/models/${model.id}`, { base } satisfies ModelPatch);
      notifyDone(`Base model set to ${labelOf(BASES, base)}.`);
      router.refresh();
    } catch (error) {
      notifyFailure('Base model not set', error);
    }
    setBusy(false);
  };
  return (
    <Stack gap="xs" component="section" aria-label="Possible base models" data-testid="candidates">
      <Text size="sm">
        {model.may.edit && !isSet
          ? 'The weights fit several base models. Select the right one:'
          : `The weights fit several base models: ${candidates.map((base) => labelOf(BASES, base)).join(', ')}.`}
      </Text>
      {model.may.edit && !isSet && (
        <Group gap="xs">
          {candidates.map((base) => (
            <Button key={base} size="xs" variant="default" disabled={isBusy} onClick={() => void select(base)}>
              {labelOf(BASES, base)}
            </Button>
          ))}
        </Group>
      )}
    </Stack>
  );
}
