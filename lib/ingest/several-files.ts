/**
 * What the stages need for models in several files, loaded when one comes. A file of its own, because a face that is loaded
 * later as a whole is one chunk of the bundle, and others that take a part of it would load all.
 */
export {
  convertToSingleFile,
  identifyModel,
  openModel,
  readModelFolder,
  scanModel,
} from '#scanner/multi-file/index.ts';
