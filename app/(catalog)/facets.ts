import { BASES, FAMILIES, labelOf, type Term, TYPES, VERDICTS } from '#lib/catalog/client.ts';
import { visibleText } from '../components/visible-text.ts';
import type { FacetName } from './search-state.ts';

/** The facets in the order they are shown. Tags are free words, so they have no list of labels. */
export const FACETS: readonly { name: FacetName; title: string; terms: readonly Term[] }[] = [
  { name: 'type', title: 'Type', terms: TYPES },
  { name: 'base', title: 'Base model', terms: BASES },
  { name: 'family', title: 'Family', terms: FAMILIES },
  { name: 'verdict', title: 'Verdict', terms: VERDICTS },
  { name: 'tag', title: 'Tags', terms: [] },
];

/** `Unknown` alone would not say what is unknown. */
export function facetLabel(name: FacetName, value: string): string {
  if (value === 'unknown' && name === 'base') return 'Unknown base model';
  if (value === 'unknown' && name === 'type') return 'Unknown type';
  return visibleText(labelOf(FACETS.find((facet) => facet.name === name)?.terms ?? [], value));
}
