export { expireUploads, listUploads } from './list.ts';
export { handleUpload } from './tus.ts';
export type * from './types.ts';
