export {
  createIncoming,
  dropIncoming,
  finishIncoming,
  type IncomingFile,
  receivedOf,
  receiveIncoming,
} from './incoming.ts';
export { deleteUploads, listUploads } from './list.ts';
export { requireRoom } from './room.ts';
export { sweepUploads } from './sweep.ts';
export { describeUploads, handleUpload, withNodeBody } from './tus.ts';
export type * from './types.ts';
export { cancelUploadSet, createUploadSet, insertUploadSet, NEW_UPLOAD_SET } from './upload-sets.ts';
