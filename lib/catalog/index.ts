export { countDownload, type Download, findConverted, findOriginal } from './download.ts';
export { deleteModel, editModel, MODEL_PATCH } from './edit.ts';
export { getModel } from './model.ts';
export { DEFAULT_PAGE_SIZE, parseCatalogQuery } from './query.ts';
export { getFileReport } from './report.ts';
export { searchModels } from './search.ts';
export { stagesOf } from './stages.ts';
export type * from './types.ts';
export { BASES, labelOf, type Term, TYPES, VERDICTS } from './vocabulary.ts';
