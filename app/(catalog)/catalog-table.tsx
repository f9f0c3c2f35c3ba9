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
import {
  BASES,
  type CatalogQuery,
  type CatalogRow,
  type CatalogSort,
  labelOf,
  SORT_IDS,
  SORTS,
  TYPES,
} from '#lib/catalog/client.ts';
import { formatBytes, formatDay, formatNumber } from '../components/format.ts';
import { Link } from '../components/link.tsx';
import { modelPath } from '../components/model-path.ts';
import { VerdictBadge } from '../components/verdict.tsx';
import { visibleText } from '../components/visible-text.ts';
import classes from './catalog-table.module.css';
import { Cover } from './cover.tsx';
import { RenderBadge } from './render-badge.tsx';

const features = tableFeatures({ rowSortingFeature, rowSelectionFeature });
const column = createColumnHelper<typeof features, CatalogRow>();
const MAX_TAGS = 3;
const COLUMNS = SORT_IDS.filter((id) => SORTS[id].isColumn);

interface CatalogTableProps {
  rows: CatalogRow[];
  query: CatalogQuery;
  onSort: (sort: CatalogSort, dir: 'asc' | 'desc') => void;
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
  const sortBy = (id: CatalogSort) => {
    const other = query.descending ? 'asc' : 'desc';
    onSort(id, query.sort === id ? other : SORTS[id].first);
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
                    ta={isNumber(header.column.id) ? 'right' : undefined}
                    data-column={header.column.id}
                  >
                    <UnstyledButton className={classes.sort} onClick={() => sortBy(header.column.id as CatalogSort)}>
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
                  ta={isNumber(cell.column.id) ? 'right' : undefined}
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
  return COLUMNS.map((id) =>
    column.accessor((row): unknown => row[id], {
      id,
      header: SORTS[id].label,
      cell: ({ row }) => <Cell id={id} row={row.original} onTag={onTag} />,
    }),
  );
}

function isNumber(id: string): boolean {
  const { format } = SORTS[id as CatalogSort];
  return format === 'bytes' || format === 'count';
}

function Cell({ id, row, onTag }: { id: CatalogSort; row: CatalogRow; onTag: (tag: string) => void }) {
  if (id === 'name') return <NameCell row={row} onTag={onTag} />;
  if (id === 'type') return labelOf(TYPES, row.type);
  if (id === 'base') return labelOf(BASES, row.base);
  if (id === 'verdict') return <VerdictBadge verdict={row.verdict} />;
  const value = row[id];
  switch (SORTS[id].format) {
    case 'bytes':
      return <Figure>{formatBytes(Number(value))}</Figure>;
    case 'count':
      return <Figure>{formatNumber(Number(value))}</Figure>;
    case 'day':
      return (
        <time dateTime={String(value)} className={classes.nowrap}>
          {formatDay(String(value))}
        </time>
      );
    case 'text':
      return visibleText(String(value));
  }
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
        <RenderBadge modelId={row.id} />
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
