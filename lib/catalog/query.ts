import { DEFAULT_SORT, SORT_IDS, SORTS } from './sorts.ts';
import type { CatalogQuery, FileStateName } from './types.ts';
import { VERDICTS } from './vocabulary.ts';

const MAX_PAGE_SIZE = 100;
export const DEFAULT_PAGE_SIZE = 25;
/** Longer texts find nothing that a shorter one would not. */
const MAX_QUERY = 200;
const MAX_VALUES = 50;

/**
 * Reads a search from a URL. Never fails: what makes no sense falls back to its default, so that an old or mistyped
 * link still shows a list. A list is `?base=sd1,sdxl` or the name repeated.
 */
export function parseCatalogQuery(params: URLSearchParams): CatalogQuery {
  const sort = SORT_IDS.find((id) => id === params.get('sort')) ?? DEFAULT_SORT;
  const direction = params.get('dir');
  return {
    q: plain(params.get('q') ?? '').slice(0, MAX_QUERY),
    base: readList(params, 'base'),
    family: readList(params, 'family'),
    type: readList(params, 'type'),
    verdict: readList(params, 'verdict').filter((id): id is FileStateName =>
      VERDICTS.some((verdict) => verdict.id === id),
    ),
    tag: readList(params, 'tag'),
    unknown: params.get('unknown') === 'true',
    sort,
    descending: (direction === 'asc' || direction === 'desc' ? direction : SORTS[sort].first) === 'desc',
    page: readNumber(params.get('page'), 1, 1_000_000, 1),
    pageSize: readNumber(params.get('size'), 1, MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE),
  };
}

function readList(params: URLSearchParams, name: string): string[] {
  const values = params.getAll(name).flatMap((text) => text.split(','));
  return [...new Set(values.map(plain).filter((value) => value !== ''))].slice(0, MAX_VALUES);
}

/** The database takes no NUL in a text, and no name holds a control character. */
function plain(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

function readNumber(text: string | null, least: number, most: number, fallback: number): number {
  const value = Number(text ?? '');
  return text !== null && Number.isSafeInteger(value) && value >= least ? Math.min(value, most) : fallback;
}
