export { bestTile, coverModels } from './cover.ts';
export { dropBytes, dropOrphans, type KeptPicture, keepPicture } from './keep-picture.ts';
export { chooseCover, deletePicture, flagPicture, readPicture, uploadPicture } from './picture-actions.ts';
export { PICTURE_INCLUDE, type PictureModel, presentPicture } from './present-picture.ts';
export { findTransfer, MAX_TRANSFER_BYTES, takeTransfer } from './transfer.ts';
