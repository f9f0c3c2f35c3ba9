'use client';

import { Group, Pagination, Select, Text } from '@mantine/core';
import type { CatalogQuery } from '#lib/catalog/client.ts';
import { formatNumber, formatTotal } from '../components/format.ts';

const SIZES = ['25', '50', '100'];

interface CatalogPagingProps {
  query: CatalogQuery;
  total: number;
  isCapped: boolean;
  onPage: (page: number) => void;
  onSize: (size: number) => void;
}

export function CatalogPaging({ query, total, isCapped, onPage, onSize }: CatalogPagingProps) {
  const { page, pageSize } = query;
  const pages = Math.max(1, Math.ceil(total / pageSize));
  if (total === 0 || page > pages) return null;
  const first = (page - 1) * pageSize + 1;
  const last = Math.min(page * pageSize, total);
  return (
    <Group justify="space-between">
      <Text size="sm" c="dimmed">
        {formatNumber(first)} to {formatNumber(last)} of {formatTotal(total, isCapped)}
      </Text>
      {pages > 1 && (
        <Pagination
          total={pages}
          value={page}
          onChange={onPage}
          size="sm"
          aria-label="Pages"
          getItemProps={(number) => ({ 'aria-label': `Page ${number}` })}
          getControlProps={(control) => ({ 'aria-label': `${control} page` })}
        />
      )}
      <Select
        size="xs"
        w={130}
        aria-label="Models per page"
        allowDeselect={false}
        data={[...new Set([...SIZES, String(pageSize)])].map((size) => ({ value: size, label: `${size} per page` }))}
        value={String(pageSize)}
        onChange={(size) => size !== null && onSize(Number(size))}
      />
    </Group>
  );
}
