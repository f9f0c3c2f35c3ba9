'use client';

import { Select } from '@mantine/core';
import type { CatalogQuery, CatalogSort } from '#lib/catalog/client.ts';

/** The orders people ask for. Every other one is a click on the head of a column away. */
const ORDERS: readonly { sort: CatalogSort; descending: boolean; label: string }[] = [
  { sort: 'updatedAt', descending: true, label: 'Recently updated' },
  { sort: 'createdAt', descending: true, label: 'Newest' },
  { sort: 'name', descending: false, label: 'Name, A to Z' },
  { sort: 'downloads', descending: true, label: 'Most downloads' },
  { sort: 'size', descending: true, label: 'Largest' },
  { sort: 'size', descending: false, label: 'Smallest' },
  { sort: 'verdict', descending: true, label: 'Worst verdict' },
];

interface SortSelectProps {
  query: CatalogQuery;
  onSort: (sort: CatalogSort, dir: 'asc' | 'desc') => void;
}

/** For the grid and for narrow screens, where there are no heads to click on. */
export function SortSelect({ query, onSort }: SortSelectProps) {
  const known = ORDERS.findIndex(({ sort, descending }) => sort === query.sort && descending === query.descending);
  return (
    <Select
      aria-label="Sort by"
      w={185}
      allowDeselect={false}
      placeholder="Table column"
      data={ORDERS.map(({ label }, index) => ({ value: String(index), label }))}
      value={known === -1 ? null : String(known)}
      onChange={(index) => {
        const order = ORDERS[Number(index)];
        if (order !== undefined) onSort(order.sort, order.descending ? 'desc' : 'asc');
      }}
    />
  );
}
