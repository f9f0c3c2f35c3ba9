'use client';

import { Button, Group, Pill } from '@mantine/core';
import { visibleText } from '../components/visible-text.ts';
import { FACETS, facetLabel } from './facets.ts';
import type { FacetName } from './search-state.ts';

interface FilterChipsProps {
  chosen: Record<FacetName, string[]> & { q: string };
  onRemove: (facet: FacetName, value: string) => void;
  unknown: boolean;
  onClearText: () => void;
  onClearUnknown: () => void;
  onClear: () => void;
}

/** Every filter in force, each with a way to take it back. */
export function FilterChips({ chosen, unknown, onRemove, onClearText, onClearUnknown, onClear }: FilterChipsProps) {
  const chips = FACETS.flatMap(({ name, title }) => chosen[name].map((value) => ({ name, title, value })));
  if (chips.length === 0 && chosen.q === '' && !unknown) return null;
  return (
    <Group gap="xs">
      {chosen.q !== '' && (
        <Chip
          label={`“${visibleText(chosen.q)}”`}
          name={`the search for ${visibleText(chosen.q)}`}
          onRemove={onClearText}
        />
      )}
      {unknown && <Chip label="Not identified" name="the filter Not identified" onRemove={onClearUnknown} />}
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
