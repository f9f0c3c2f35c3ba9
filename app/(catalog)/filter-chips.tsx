'use client';

import { Button, Group, Pill } from '@mantine/core';
import { visibleText } from '../components/visible-text.ts';
import { FACETS, facetLabel } from './facets.ts';
import type { FacetName } from './search-state.ts';

interface FilterChipsProps {
  chosen: Record<FacetName, string[]> & { q: string };
  onRemove: (facet: FacetName, value: string) => void;
  onClearText: () => void;
  onClear: () => void;
}

/** Every filter in force, each with a way to take it back. */
export function FilterChips({ chosen, onRemove, onClearText, onClear }: FilterChipsProps) {
  const chips = FACETS.flatMap(({ name, title }) => chosen[name].map((value) => ({ name, title, value })));
  if (chips.length === 0 && chosen.q === '') return null;
  return (
    <Group gap="xs">
      {chosen.q !== '' && (
        <Chip
          label={`“${visibleText(chosen.q)}”`}
          name={`the search for ${visibleText(chosen.q)}`}
          onRemove={onClearText}
        />
      )}
      {chips.map(({ name, title, value }) => (
        <Chip
          key={`${name} ${value}`}
          label={`${title}: ${facetLabel(name, value)}`}
          name={`${title} ${facetLabel(name, value)}`}
          onRemove={() => onRemove(name, value)}
        />
      ))}
      <Button variant="subtle" size="compact-sm" onClick={onClear}>
        Clear all
      </Button>
    </Group>
  );
}

function Chip({ label, name, onRemove }: { label: string; name: string; onRemove: () => void }) {
  return (
    <Pill
      size="md"
      withRemoveButton
      onRemove={onRemove}
      removeButtonProps={{ 'aria-label': `Remove ${name}`, 'aria-hidden': false, tabIndex: 0 }}
    >
      {label}
    </Pill>
  );
}
