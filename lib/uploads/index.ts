export { deleteUploads, expireUploads, listUploads } from './list.ts';
export { describeUploads, handleUpload } from './tus.ts';
export type * from './types.ts';
