export { bestTile, coverModels } from './cover.ts';
export { chooseCover, deletePicture, flagPicture, readPicture, uploadPicture } from './picture-actions.ts';
export { PICTURE_INCLUDE, type PictureModel, presentPicture } from './present-picture.ts';
export {
  deleteOrphanedBlobs,
  deleteUnusedBlobs,
  type NewPicture,
  storePicture,
} from './store-picture.ts';
export { findTransfer, MAX_TRANSFER_BYTES, storeTransfer } from './transfer.ts';
