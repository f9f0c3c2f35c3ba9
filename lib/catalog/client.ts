/** What of the catalog may run in a browser: words and types, nothing that reaches the database. */
export { type CatalogSort, SORT_IDS, SORT_ORDERS, SORTS } from './sorts.ts';
export type * from './types.ts';
export { BASES, FAMILIES, labelOf, type ModelType, type Term, TYPES, VERDICTS } from './vocabulary.ts';
