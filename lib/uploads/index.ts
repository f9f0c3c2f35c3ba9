export { expireUploads, listUploads } from './list.ts';
export { handleUpload, UPLOADS_PATH } from './tus.ts';
export type * from './types.ts';
