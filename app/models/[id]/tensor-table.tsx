'use client';

import { ActionIcon, Group, Table, Text } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { FileView } from '#lib/catalog/client.ts';
import type { TensorNode } from '#lib/tensor-tree/index.ts';
import { formatBytes, formatCount, formatNumber } from '../../components/format.ts';

type TensorStatistics = NonNullable<FileView['statistics']>[number];

const ROW_HEIGHT = 34;
/** Pixels that a part stands further in than the one it is in. */
const INDENT = 18;

interface TensorTableProps {
  /** The lines in sight. */
  nodes: readonly TensorNode[];
  open: ReadonlySet<string>;
  onToggle: (path: string) => void;
  /** True where the lines are a list of tensors, which go by their whole names. */
  flat: boolean;
  /** By the tensors' names; empty where they were not read. */
  numbers: ReadonlyMap<string, TensorStatistics>;
}

/** Renders only the rows in sight: checkpoints have thousands. */
export function TensorTable({ nodes, open, onToggle, flat, numbers }: TensorTableProps) {
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: nodes.length,
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
      <Table aria-label="Tensors" aria-rowcount={nodes.length} stickyHeader miw={640}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th w={80}>Data type</Table.Th>
            <Table.Th w={160}>Shape</Table.Th>
            {numbers.size > 0 && <Table.Th w={210}>Statistics</Table.Th>}
            <Table.Th w={100} ta="right">
              Size
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {above > 0 && <Spacer height={above} />}
          {items.map(({ index }) => {
            const node = nodes[index];
            return node === undefined ? null : (
              <Row
                key={`${node.tensor === null ? 'part' : 'tensor'} ${node.path}`}
                node={node}
                index={index}
                flat={flat}
                isOpen={open.has(node.path)}
                onToggle={onToggle}
                withNumbers={numbers.size > 0}
                statistics={node.tensor === null ? undefined : numbers.get(node.tensor.name)}
              />
            );
          })}
          {below > 0 && <Spacer height={below} />}
        </Table.Tbody>
      </Table>
    </section>
  );
}

interface RowProps {
  node: TensorNode;
  index: number;
  flat: boolean;
  isOpen: boolean;
  onToggle: (path: string) => void;
  withNumbers: boolean;
  statistics: TensorStatistics | undefined;
}

function Row({ node, index, flat, isOpen, onToggle, withNumbers, statistics }: RowProps) {
  const { tensor, path, label, depth, tensors, parameters, bytes } = node;
  return (
    <Table.Tr h={ROW_HEIGHT} aria-rowindex={index + 1} data-testid={tensor === null ? 'tensor-part' : 'tensor'}>
      <Table.Td py={4} {...(!flat && { pl: 8 + depth * INDENT })}>
        <Group gap={6} wrap="nowrap">
          {tensor === null && (
            <ActionIcon
              variant="subtle"
              size="sm"
              aria-expanded={isOpen}
              aria-label={`${isOpen ? 'Collapse' : 'Expand'} ${path}`}
              onClick={() => onToggle(path)}
            >
              {isOpen ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
            </ActionIcon>
          )}
          <Text ff="monospace" size="xs" fw={tensor === null ? 600 : 400} truncate maw="80ch" title={path}>
            {flat ? path : label}
          </Text>
        </Group>
      </Table.Td>
      {tensor === null ? (
        <Table.Td py={4} colSpan={withNumbers ? 3 : 2}>
          <Text size="xs" c="dimmed">
            {formatCount(tensors, 'tensor')}, {formatNumber(parameters)} parameters
          </Text>
        </Table.Td>
      ) : (
        <>
          <Table.Td py={4}>{tensor.dtype}</Table.Td>
          <Table.Td py={4}>{tensor.shape.length === 0 ? 'scalar' : tensor.shape.join(' × ')}</Table.Td>
          {withNumbers && (
            <Table.Td py={4} style={{ whiteSpace: 'nowrap' }}>
              <Text size="xs">{describeNumbers(statistics)}</Text>
            </Table.Td>
          )}
        </>
      )}
      <Table.Td py={4} ta="right" style={{ whiteSpace: 'nowrap' }}>
        {formatBytes(bytes)}
      </Table.Td>
    </Table.Tr>
  );
}

function describeNumbers(statistics: TensorStatistics | undefined): string {
  if (statistics === undefined) return '';
  const { min, max, mean, nan, infinite, unmeasured } = statistics;
  const short = (value: number) => String(Number(value.toPrecision(3)));
  return [
    min === null || max === null || mean === null ? null : `${short(min)} to ${short(max)}, mean ${short(mean)}`,
    nan > 0 ? `${formatNumber(nan)} NaN` : null,
    infinite > 0 ? `${formatNumber(infinite)} infinite` : null,
    // Numbers that were read by an earlier version have no such field.
    unmeasured ?? null,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

function Spacer({ height }: { height: number }) {
  return (
    <tr>
      <td colSpan={5} style={{ height, padding: 0 }} />
    </tr>
  );
}
