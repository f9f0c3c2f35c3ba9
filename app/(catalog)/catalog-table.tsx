'use client';

import { Anchor, Badge, Checkbox, Group, Table, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import {
  createColumnHelper,
  type OnChangeFn,
  type RowSelectionState,
  rowSelectionFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useMemo } from 'react';
import { BASES, type CatalogQuery, type CatalogRow, labelOf, TYPES } from '#lib/catalog/client.ts';
import { formatBytes, formatDay, formatNumber } from '../components/format.ts';
import { Link } from '../components/link.tsx';
import { modelPath } from '../components/model-path.ts';
import { VerdictBadge } from '../components/verdict.tsx';
import { visibleText } from '../components/visible-text.ts';
import classes from './catalog-table.module.css';
import { Cover } from './cover.tsx';
import { DrawingBadge } from './drawing-badge.tsx';

const features = tableFeatures({ rowSortingFeature, rowSelectionFeature });
const column = createColumnHelper<typeof features, CatalogRow>();
/** What to see first differs: names from A, the rest from the top. */
const DESCENDING_FIRST = new Set(['verdict', 'size', 'downloads', 'updatedAt']);
const MAX_TAGS = 3;
const RIGHT = new Set(['size', 'downloads']);

interface CatalogTableProps {
  rows: CatalogRow[];
  query: CatalogQuery;
  onSort: (sort: string, dir: 'asc' | 'desc') => void;
  onTag: (tag: string) => void;
  /** The models chosen by their ids, on other pages too. */
  selection: RowSelectionState;
  onSelect: OnChangeFn<RowSelectionState>;
}

/** The models as a table whose heads sort, and whose rows can be chosen by those who may change them. */
export function CatalogTable({ rows, query, onSort, onTag, selection, onSelect }: CatalogTableProps) {
  const columns = useMemo(() => makeColumns(onTag), [onTag]);
  const table = useTable({
    features,
    columns,
    data: rows,
    getRowId: ({ id }) => String(id),
    manualSorting: true,
    enableRowSelection: ({ original }) => original.editable,
    onRowSelectionChange: onSelect,
    state: { sorting: [{ id: query.sort, desc: query.descending }], rowSelection: selection },
  });
  const selectable = rows.some(({ editable }) => editable);
  const sortBy = (id: string) => {
    const descending = query.sort === id ? !query.descending : DESCENDING_FIRST.has(id);
    onSort(id, descending ? 'desc' : 'asc');
  };
  return (
    <div className={classes.box}>
      <Table highlightOnHover verticalSpacing="sm" className={classes.table} aria-label="Models">
        <Table.Thead>
          {table.getHeaderGroups().map((group) => (
            <Table.Tr key={group.id}>
              {selectable && (
                <Table.Th w={44}>
                  <Checkbox
                    size="xs"
                    aria-label="Select all models on this page"
                    checked={table.getIsAllPageRowsSelected()}
                    indeterminate={table.getIsSomePageRowsSelected()}
                    onChange={table.getToggleAllPageRowsSelectedHandler()}
                  />
                </Table.Th>
              )}
              {group.headers.map((header) => {
                const sorted = header.column.getIsSorted();
                return (
                  <Table.Th
                    key={header.id}
                    aria-sort={sorted === false ? 'none' : sorted === 'asc' ? 'ascending' : 'descending'}
                    ta={RIGHT.has(header.column.id) ? 'right' : undefined}
                    data-column={header.column.id}
                  >
                    <UnstyledButton className={classes.sort} onClick={() => sortBy(header.column.id)}>
                      <table.FlexRender header={header} />
                      <SortSign sorted={sorted} />
                    </UnstyledButton>
                  </Table.Th>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Thead>
        <Table.Tbody>
          {table.getRowModel().rows.map((row) => (
            <Table.Tr key={row.id} className={classes.row} aria-selected={selectable ? row.getIsSelected() : undefined}>
              {selectable && (
                <Table.Td className={classes.choice}>
                  <Checkbox
                    size="xs"
                    aria-label={`Select ${visibleText(row.original.name)}`}
                    checked={row.getIsSelected()}
                    disabled={!row.getCanSelect()}
                    onChange={row.getToggleSelectedHandler()}
                  />
                </Table.Td>
              )}
              {row.getAllCells().map((cell) => (
                <Table.Td
                  key={cell.id}
                  ta={RIGHT.has(cell.column.id) ? 'right' : undefined}
                  data-column={cell.column.id}
                >
                  <table.FlexRender cell={cell} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function SortSign({ sorted }: { sorted: false | 'asc' | 'desc' }) {
  if (sorted === 'asc') return <IconArrowUp size={14} aria-hidden />;
  if (sorted === 'desc') return <IconArrowDown size={14} aria-hidden />;
  return <IconArrowsSort size={14} aria-hidden className={classes.unsorted} />;
}

function makeColumns(onTag: (tag: string) => void) {
  return column.columns([
    column.accessor('name', {
      header: 'Name',
      cell: ({ row }) => <NameCell row={row.original} onTag={onTag} />,
    }),
    column.accessor('type', { header: 'Type', cell: ({ getValue }) => labelOf(TYPES, getValue()) }),
    column.accessor('base', { header: 'Base model', cell: ({ getValue }) => labelOf(BASES, getValue()) }),
    column.accessor('verdict', {
      header: 'Verdict',
      cell: ({ getValue }) => <VerdictBadge verdict={getValue()} />,
    }),
    column.accessor('size', { header: 'Size', cell: ({ getValue }) => <Figure>{formatBytes(getValue())}</Figure> }),
    column.accessor('downloads', {
      header: 'Downloads',
      cell: ({ getValue }) => <Figure>{formatNumber(getValue())}</Figure>,
    }),
    column.accessor('updatedAt', {
      header: 'Updated',
      cell: ({ getValue }) => (
        <time dateTime={getValue()} className={classes.nowrap}>
          {formatDay(getValue())}
        </time>
      ),
    }),
  ]);
}

function NameCell({ row, onTag }: { row: CatalogRow; onTag: (tag: string) => void }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <Cover row={row} thumbnail />
      <div className={classes.names}>
        <Anchor
          component={Link}
          href={modelPath(row)}
          className={classes.name}
          size="sm"
          fw={600}
          lineClamp={2}
          data-model-link
        >
          {visibleText(row.name)}
        </Anchor>
        <DrawingBadge modelId={row.id} />
        <Text size="xs" c="dimmed" mt={2} className={classes.summary}>
          {labelOf(TYPES, row.type)} · {labelOf(BASES, row.base)} · {formatBytes(row.size)}
        </Text>
        {row.tags.length > 0 && (
          <Group gap={4} mt={4} className={classes.tags}>
            {row.tags.slice(0, MAX_TAGS).map((tag) => (
              <Badge
                key={tag}
                component="button"
                type="button"
                variant="default"
                size="sm"
                tt="none"
                fw={500}
                aria-label={`Filter by tag ${visibleText(tag)}`}
                onClick={() => onTag(tag)}
              >
                {visibleText(tag)}
              </Badge>
            ))}
            {row.tags.length > MAX_TAGS && (
              <Text size="xs" c="dimmed">
                +{row.tags.length - MAX_TAGS}
              </Text>
            )}
          </Group>
        )}
      </div>
    </Group>
  );
}

function Figure({ children }: { children: string }) {
  return <span className={classes.number}>{children}</span>;
}
