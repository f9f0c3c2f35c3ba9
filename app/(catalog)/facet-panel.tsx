'use client';

import { Box, Checkbox, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { CatalogResult, FacetCount } from '#lib/catalog/client.ts';
import { formatTotal } from '../components/format.ts';
import classes from './facet-panel.module.css';
import { FACETS, facetLabel } from './facets.ts';
import type { FacetName } from './search-state.ts';

/** From this many values on, a facet gets a box to search it. */
const SEARCHABLE = 10;

interface FacetPanelProps {
  facets: CatalogResult['facets'];
  /** There are more models than were counted. */
  isCapped: boolean;
  chosen: Record<FacetName, string[]>;
  onToggle: (facet: FacetName, value: string) => void;
}

/** Filters with the number of models behind each. */
export function FacetPanel({ facets, isCapped, chosen, onToggle }: FacetPanelProps) {
  return (
    <Stack gap="lg" component="nav" aria-label="Filters">
      {FACETS.map(({ name, title }) => (
        <Facet
          key={name}
          name={name}
          title={title}
          counts={withChosen(facets[name], chosen[name])}
          isCapped={isCapped}
          chosen={chosen[name]}
          onToggle={(value) => onToggle(name, value)}
        />
      ))}
    </Stack>
  );
}

/** A chosen value stays in the list when nothing is behind it any more, or it could not be taken back. */
function withChosen(counts: FacetCount[], chosen: readonly string[]): FacetCount[] {
  const missing = chosen.filter((value) => !counts.some((count) => count.value === value));
  return [...counts, ...missing.map((value) => ({ value, count: 0 }))];
}

interface FacetProps {
  name: FacetName;
  title: string;
  counts: FacetCount[];
  isCapped: boolean;
  chosen: readonly string[];
  onToggle: (value: string) => void;
}

function Facet({ name, title, counts, isCapped, chosen, onToggle }: FacetProps) {
  const [search, setSearch] = useState('');
  if (counts.length === 0) return null;
  const shown = counts.filter(({ value }) => facetLabel(name, value).toLowerCase().includes(search.toLowerCase()));
  return (
    <Stack gap={8} role="group" aria-label={title}>
      <Title order={2} fz="sm">
        {title}
      </Title>
      {counts.length >= SEARCHABLE && (
        <TextInput
          size="xs"
          aria-label={`Search ${title.toLowerCase()}`}
          placeholder={`Search ${title.toLowerCase()}`}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          leftSection={<IconSearch size={14} aria-hidden />}
        />
      )}
      <Box mah={300} className={classes.values}>
        <Stack gap={7}>
          {shown.map(({ value, count }) => (
            <Group key={value} justify="space-between" wrap="nowrap" gap="xs">
              <Checkbox
                size="xs"
                label={facetLabel(name, value)}
                checked={chosen.includes(value)}
                onChange={() => onToggle(value)}
                className="wrap"
              />
              <Text size="xs" c="dimmed">
                {formatTotal(count, isCapped)}
              </Text>
            </Group>
          ))}
        </Stack>
      </Box>
    </Stack>
  );
}
