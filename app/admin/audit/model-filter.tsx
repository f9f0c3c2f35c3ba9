'use client';

import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CatalogResult, CatalogSort } from '#lib/catalog/client.ts';
import { callApi } from '../../components/call-api.ts';
import { visibleText } from '../../components/visible-text.ts';

interface ModelFilterProps {
  value: number | null;
  /** Of the model that is chosen, which may be deleted. */
  name: string | null;
  onChange: (model: number | null) => void;
}

/** A model, found by what is typed. A deleted one is reached from an entry that is about it. */
export function ModelFilter({ value, name, onChange }: ModelFilterProps) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text, 200);
  const { data } = useQuery({
    queryKey: ['audit-models', search],
    queryFn: () => {
      const params = new URLSearchParams({ q: search, sort: 'name' satisfies CatalogSort, size: '30' });
      return callApi<CatalogResult>('GET', `/api/catalog?${params}`);
    },
    placeholderData: keepPreviousData,
  });
  const found = (data?.rows ?? []).map((row) => ({
    value: String(row.id),
    label: `${visibleText(row.name)} (${row.id})`,
  }));
  const chosen = value === null ? null : { value: String(value), label: `${visibleText(name ?? 'model')} (${value})` };
  const others = found.filter((model) => model.value !== chosen?.value);
  return (
    <Select
      label="Model"
      placeholder="Any model"
      data={chosen === null ? others : [chosen, ...others]}
      // The service has searched already, in tags and file names too.
      filter={({ options }) => options}
      value={chosen?.value ?? null}
      onChange={(id) => onChange(id === null ? null : Number(id))}
      // The name of the chosen one stands in the field, and is no search.
      onSearchChange={(typed) => setText(typed === chosen?.label ? '' : typed)}
      searchable
      clearable
      nothingFoundMessage="No matching model"
      clearButtonProps={{ 'aria-label': 'Clear model' }}
    />
  );
}
