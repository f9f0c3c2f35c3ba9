'use client';

import { Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { MergeForm } from './merge-form.tsx';
import { MergeList } from './merge-list.tsx';
import type { ChosenModel } from './model-select.tsx';

/** One model of several: what is wanted, and how far the last ones are. */
export function MergePage({ first }: { first: ChosenModel | null }) {
  const [asked, setAsked] = useState(0);
  return (
    <Stack gap="lg" maw={860} mx="auto">
      <Title order={1} fz={26}>
        Merge models
      </Title>
      <Text size="sm">
        Merge several models into a new model of the catalog. The recipe is saved with it. All models must have the same
        base model.
      </Text>
      <MergeForm first={first} onAsked={() => setAsked((count) => count + 1)} />
      <MergeList asked={asked} />
    </Stack>
  );
}
