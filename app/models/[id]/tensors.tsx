'use client';

import { Code, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { FileView } from '#lib/catalog/client.ts';
import { buildTensorTree, listOpenNodes, listTensors } from '#lib/tensor-tree/index.ts';
import { formatCount } from '../../components/format.ts';
import { Numbers } from './numbers.tsx';
import { TensorTable } from './tensor-table.tsx';

/** Every tensor with its type and shape, as a tree of the model's parts, and what is in the file next to tensors. */
export function Tensors({ file }: { file: FileView }) {
  const { tensors, nonTensors, statistics } = file;
  const numbers = useMemo(() => new Map((statistics ?? []).map((one) => [one.name, one])), [statistics]);
  const [filter, setFilter] = useState('');
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const tree = useMemo(() => buildTensorTree(tensors), [tensors]);
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const flat = words.length > 0;
  const found = flat ? tensors.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word))) : tensors;
  const nodes = flat ? listTensors(buildTensorTree(found)) : listOpenNodes(tree, open);
  const toggle = (path: string) => {
    const next = new Set(open);
    if (!next.delete(path)) next.add(path);
    setOpen(next);
  };

  return (
    <Stack gap="lg">
      {tensors.length === 0 ? (
        <Text size="sm" c="dimmed">
          No tensors found in this file.
        </Text>
      ) : (
        <Stack gap="sm">
          <Numbers file={file} />
          <TextInput
            aria-label="Filter tensors"
            placeholder="Filter by name"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            leftSection={<IconSearch size={16} aria-hidden />}
          />
          <Text size="xs" c="dimmed" role="status">
            {found.length === tensors.length
              ? formatCount(tensors.length, 'tensor')
              : `${found.length} of ${formatCount(tensors.length, 'tensor')}`}
          </Text>
          <TensorTable nodes={nodes} open={open} onToggle={toggle} flat={flat} numbers={numbers} />
        </Stack>
      )}
      {nonTensors.length > 0 && (
        <Stack gap="sm">
          <Title order={3} fz="md">
            Other data
          </Title>
          <Text size="xs" c="dimmed">
            Data that is not a tensor, such as the training state of a checkpoint. It is not copied to the safetensors
            file.
          </Text>
          <Table aria-label="Other data" layout="fixed">
            <Table.Tbody>
              {nonTensors.map(({ name, summary }) => (
                <Table.Tr key={name}>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>
                    <Code>{name}</Code>
                  </Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{summary}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Stack>
      )}
    </Stack>
  );
}
