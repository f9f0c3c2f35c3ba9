'use client';

import { Code, Stack, Table, Text, TextInput, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { FileView, TensorView } from '../../../lib/catalog/client.ts';
import { formatCount } from '../../components/format.ts';

const ROW_HEIGHT = 34;

/** Every tensor with its type and shape, and what is in the file beside tensors. */
export function Tensors({ file }: { file: FileView }) {
  const { tensors, nonTensors } = file;
  const [filter, setFilter] = useState('');
  const shown = useMemo(() => {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    return words.length === 0
      ? tensors
      : tensors.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  }, [tensors, filter]);

  return (
    <Stack gap="lg">
      {tensors.length === 0 ? (
        <Text size="sm" c="dimmed">
          No tensors are listed for this file.
        </Text>
      ) : (
        <Stack gap="sm">
          <TextInput
            aria-label="Filter tensors"
            placeholder="Filter by name"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
            leftSection={<IconSearch size={16} aria-hidden />}
          />
          <Text size="xs" c="dimmed" role="status">
            {shown.length === tensors.length
              ? formatCount(tensors.length, 'tensor')
              : `${shown.length} of ${formatCount(tensors.length, 'tensor')}`}
          </Text>
          <TensorTable tensors={shown} />
        </Stack>
      )}
      {nonTensors.length > 0 && (
        <Stack gap="sm">
          <Title order={3} fz="md">
            Beside the tensors
          </Title>
          <Text size="xs" c="dimmed">
            What a checkpoint carries from its training. It is left out of the safetensors file.
          </Text>
          <Table aria-label="Beside the tensors" layout="fixed">
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

/** Draws only the rows in sight: checkpoints have thousands. */
function TensorTable({ tensors }: { tensors: readonly TensorView[] }) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: tensors.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = rows.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = rows.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section ref={box} style={{ maxHeight: 480, overflow: 'auto' }} tabIndex={0} aria-label="Tensors">
      <Table aria-label="Tensors" aria-rowcount={tensors.length} stickyHeader miw={560}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th w={80}>Type</Table.Th>
            <Table.Th w={180}>Shape</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {above > 0 && <Spacer height={above} />}
          {items.map(({ index }) => {
            const tensor = tensors[index];
            return tensor === undefined ? null : (
              <Table.Tr key={tensor.name} h={ROW_HEIGHT} aria-rowindex={index + 1}>
                <Table.Td py={4}>
                  <Text ff="monospace" size="xs" truncate maw="96ch" title={tensor.name}>
                    {tensor.name}
                  </Text>
                </Table.Td>
                <Table.Td py={4}>{tensor.dtype}</Table.Td>
                <Table.Td py={4}>{tensor.shape.length === 0 ? 'scalar' : tensor.shape.join(' × ')}</Table.Td>
              </Table.Tr>
            );
          })}
          {below > 0 && <Spacer height={below} />}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Spacer({ height }: { height: number }) {
  return (
    <tr>
      <td colSpan={3} style={{ height, padding: 0 }} />
    </tr>
  );
}
