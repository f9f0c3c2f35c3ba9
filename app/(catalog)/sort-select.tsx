'use client';

import { Select } from '@mantine/core';
import { type CatalogQuery, type CatalogSort, SORT_ORDERS } from '#lib/catalog/client.ts';

interface SortSelectProps {
  query: CatalogQuery;
  onSort: (sort: CatalogSort, dir: 'asc' | 'desc') => void;
}

/** For the grid and for narrow screens, where there are no heads to click on. */
export function SortSelect({ query, onSort }: SortSelectProps) {
  const known = SORT_ORDERS.findIndex(({ sort, dir }) => sort === query.sort && (dir === 'desc') === query.descending);
  return (
    <Select
      aria-label="Sort by"
      w={185}
      allowDeselect={false}
      placeholder="Table column"
      data={SORT_ORDERS.map(({ label }, index) => ({ value: String(index), label }))}
      value={known === -1 ? null : String(known)}
      onChange={(index) => {
        const order = SORT_ORDERS[Number(index)];
        if (order !== undefined) onSort(order.sort, order.dir);
      }}
    />
  );
}
