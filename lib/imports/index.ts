export { type FoundModel, PASSED_OVER, type PassedOver, walkCollection } from './layouts/index.ts';
export { exportImportEntries, getImport, IMPORT_ENTRIES, listImportEntries, listImports } from './list-imports.ts';
export {
  continueImports,
  forgetImport,
  IMPORT_SCHEDULE,
  IMPORT_STEP,
  type ImportStep,
  NEW_IMPORT,
  requestImport,
  requestImportHere,
  setImportSchedule,
  stepImport,
} from './request-import.ts';
export { listImportFolders } from './roots.ts';
export { runImport } from './run-import.ts';
export { searchFolder } from './search-folder.ts';
export type * from './types.ts';
export { watchImports } from './watch-imports.ts';
