export type { Unet } from './architecture.ts';
export { buildUnet, type UnetBuild } from './build-unet.ts';
export { type PictureSizes, sizeConditioning, timeFeatures } from './conditioning.ts';
export { readUnet } from './read-unet.ts';
