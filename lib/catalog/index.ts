export { DEFAULT_PAGE_SIZE, parseCatalogQuery } from './query.ts';
export { searchModels } from './search.ts';
export { stagesOf } from './stages.ts';
export type * from './types.ts';
export { BASES, labelOf, type Term, TYPES, VERDICTS } from './vocabulary.ts';
