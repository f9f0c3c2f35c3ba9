export { fullLayout, LAYOUT_KINDS, type LayoutKind, loraLayoutFor, slimLayout } from './layouts.ts';
export { type SmallBase, smallCheckpoint } from './small.ts';
export { clipLLayout, type EncoderSize, openClipLayout } from './text-encoder.ts';
export type { Fill, LayoutTensor } from './types.ts';
export { withPrefix } from './types.ts';
export { type UnetParameters, unetLayout } from './unet.ts';
export { vaeLayout } from './vae.ts';
