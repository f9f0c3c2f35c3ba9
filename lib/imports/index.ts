export { listImportFolders } from './roots.ts';
export { searchFolder } from './search-folder.ts';
export type * from './types.ts';
