import { Group, SegmentedControl, Skeleton, Stack, Text, Title } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { MetadataView } from '#lib/catalog/client.ts';
import { canDrawMerge } from './can-draw-merge.ts';
import { MergeTree } from './merge-tree.tsx';

/** Few models are merges, so the page does not carry what places them. */
const MergeGraph = dynamic(() => import('./merge-graph.tsx'), { loading: () => <Skeleton h={160} /> });

/** What the file was merged from, and they from what: as a picture, or as a list. */
export function MergeFamily({ merge }: { merge: NonNullable<MetadataView['merge']> }) {
  const drawable = canDrawMerge(merge);
  const [form, setForm] = useState<'graph' | 'list'>('graph');
  const method = merge.nodes.find(({ id }) => id === 'this')?.method ?? null;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={3} fz="md">
          Merged from
        </Title>
        {drawable && (
          <SegmentedControl
            size="xs"
            aria-label="View"
            value={form}
            onChange={(value) => setForm(value === 'list' ? 'list' : 'graph')}
            data={[
              { value: 'graph', label: 'Graph' },
              { value: 'list', label: 'List' },
            ]}
          />
        )}
      </Group>
      {method !== null && (
        <Text size="xs" c="dimmed">
          Method: {method}. The recipe was read from the file and is not verified.
        </Text>
      )}
      {drawable && form === 'graph' ? <MergeGraph merge={merge} /> : <MergeTree merge={merge} />}
    </Stack>
  );
}
