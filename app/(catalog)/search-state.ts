import { parseAsArrayOf, parseAsInteger, parseAsString, parseAsStringLiteral } from 'nuqs';

export const VIEWS = ['table', 'grid'] as const;

const list = parseAsArrayOf(parseAsString).withDefault([]);

/** The search as the URL spells it; `parseCatalogQuery` of lib/catalog reads the same names on the server. */
export const SEARCH_STATE = {
  q: parseAsString.withDefault(''),
  base: list,
  type: list,
  verdict: list,
  tag: list,
  sort: parseAsString,
  dir: parseAsStringLiteral(['asc', 'desc'] as const),
  page: parseAsInteger.withDefault(1),
  size: parseAsInteger,
  view: parseAsStringLiteral(VIEWS).withDefault('table'),
};

export type FacetName = 'base' | 'type' | 'verdict' | 'tag';

/** What a fresh search begins with. */
export const NO_FILTERS = { q: '', base: null, type: null, verdict: null, tag: null, page: null } as const;
