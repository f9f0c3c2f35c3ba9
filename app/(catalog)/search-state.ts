import { parseAsArrayOf, parseAsBoolean, parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs';
import { SORT_IDS } from '#lib/catalog/client.ts';

export const VIEWS = ['table', 'grid'] as const;

const list = parseAsArrayOf(parseAsString).withDefault([]);

/** The search as the URL spells it; `parseCatalogQuery` of lib/catalog reads the same names on the server. */
export const SEARCH_STATE = {
  q: parseAsString.withDefault(''),
  base: list,
  family: list,
  type: list,
  verdict: list,
  tag: list,
  unknown: parseAsBoolean.withDefault(false),
  sort: parseAsStringLiteral(SORT_IDS),
  dir: parseAsStringLiteral(['asc', 'desc'] as const),
  page: parseAsInteger.withDefault(1),
  size: parseAsInteger,
  view: parseAsStringLiteral(VIEWS).withDefault('table'),
};

export type FacetName = 'base' | 'family' | 'type' | 'verdict' | 'tag';

/** What a fresh search begins with. */
export const NO_FILTERS = {
  q: '',
  base: null,
  family: null,
  type: null,
  verdict: null,
  tag: null,
  unknown: null,
  page: null,
} as const;
