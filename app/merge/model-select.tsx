'use client';

import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { BASES, type CatalogResult, type CatalogSort, labelOf } from '#lib/catalog/client.ts';
import { callApi } from '../components/call-api.ts';
import { visibleText } from '../components/visible-text.ts';

export interface ChosenModel {
  id: number;
  name: string;
  base: string;
  type: string;
}

interface ModelSelectProps {
  label: string;
  description?: string;
  /** Types of the catalog to choose from. */
  types: readonly string[];
  /** Models of this base version alone; null for all. */
  base: string | null;
  value: ChosenModel | null;
  onChange: (model: ChosenModel | null) => void;
  error?: string | null;
  /** Marks the field where the words stand elsewhere. */
  hasFault?: boolean;
  clearable?: boolean;
}

/** A model of the catalog, found by what is typed. */
export function ModelSelect({ types, base, value, onChange, error, hasFault, ...props }: ModelSelectProps) {
  const [text, setText] = useState(value?.name ?? '');
  const [search] = useDebouncedValue(text, 200);
  // The name of the one that is chosen stands in the field, and is no search.
  const query = search === labelFor(value) ? '' : search;
  const { data } = useQuery({
    queryKey: ['merge-models', query, types, base],
    queryFn: () => {
      const params = new URLSearchParams({
        q: query,
        type: types.join(','),
        sort: 'name' satisfies CatalogSort,
        size: '30',
      });
      if (base !== null && base !== 'unknown') params.set('base', base);
      return callApi<CatalogResult>('GET', `/api/catalog?${params}`);
    },
    placeholderData: keepPreviousData,
  });
  const found = (data?.rows ?? []).filter(({ conversion }) => conversion === 'converted');
  const shown: ChosenModel[] = value === null || found.some(({ id }) => id === value.id) ? found : [value, ...found];
  return (
    <Select
      {...props}
      error={error ?? hasFault}
      searchable
      searchValue={text}
      onSearchChange={setText}
      data={shown.map((model) => ({ value: String(model.id), label: labelFor(model) }))}
      // The service has searched already, in tags and file names too.
      filter={({ options }) => options}
      value={value === null ? null : String(value.id)}
      onChange={(id) => onChange(shown.find((model) => String(model.id) === id) ?? null)}
      nothingFoundMessage="No matching model with a safetensors file"
      placeholder="Type to search"
    />
  );
}

function labelFor(model: ChosenModel | null): string {
  return model === null ? '' : `${visibleText(model.name)} · ${labelOf(BASES, model.base)}`;
}
