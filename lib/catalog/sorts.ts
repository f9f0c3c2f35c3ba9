/** What the catalog can be sorted by, and how the value is shown where it is a column of the table. */
interface Sort {
  label: string;
  /** How its values are written; numbers stand at the right. */
  format: 'text' | 'bytes' | 'count' | 'day';
  /** The direction that people want first: names from A on; dates, sizes and counts from the top. */
  first: 'asc' | 'desc';
  /** Whether the table has a column for it. Every one can be asked for in the URL. */
  isColumn: boolean;
}

/**
 * Every sort by its id, which is the name of a column of `Model`, of a field of `CatalogRow` and of `?sort=` in the URL;
 * in the order of the table's columns. Verdicts sort by weight: PostgreSQL orders an enum by its declaration.
 */
const TABLE = {
  name: { label: 'Name', format: 'text', first: 'asc', isColumn: true },
  type: { label: 'Type', format: 'text', first: 'asc', isColumn: true },
  base: { label: 'Base', format: 'text', first: 'asc', isColumn: true },
  verdict: { label: 'Verdict', format: 'text', first: 'desc', isColumn: true },
  size: { label: 'Size', format: 'bytes', first: 'desc', isColumn: true },
  downloads: { label: 'Downloads', format: 'count', first: 'desc', isColumn: true },
  updatedAt: { label: 'Updated', format: 'day', first: 'desc', isColumn: true },
  createdAt: { label: 'Created', format: 'day', first: 'desc', isColumn: false },
} as const satisfies Record<string, Sort>;

export type CatalogSort = keyof typeof TABLE;

export const SORTS: Readonly<Record<CatalogSort, Sort>> = TABLE;

export const SORT_IDS = Object.keys(TABLE) as CatalogSort[];

export const DEFAULT_SORT: CatalogSort = 'updatedAt';

/** The orders that have a name of their own; every other one is a click on the head of a column away. */
export const SORT_ORDERS: readonly { sort: CatalogSort; dir: 'asc' | 'desc'; label: string }[] = [
  { sort: 'updatedAt', dir: 'desc', label: 'Recently updated' },
  { sort: 'createdAt', dir: 'desc', label: 'Newest' },
  { sort: 'name', dir: 'asc', label: 'Name, A to Z' },
  { sort: 'downloads', dir: 'desc', label: 'Most downloads' },
  { sort: 'size', dir: 'desc', label: 'Largest' },
  { sort: 'size', dir: 'asc', label: 'Smallest' },
  { sort: 'verdict', dir: 'desc', label: 'Worst verdict' },
];
