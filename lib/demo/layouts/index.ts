export { fullLayout, LAYOUT_KINDS, type LayoutKind, layLoraFor, slimLayout } from './layouts.ts';
export { type SmallBase, smallCheckpoint } from './small.ts';
export { type EncoderSize, layClipL, layOpenClip } from './text-encoder.ts';
export type { Fill, LayoutTensor } from './types.ts';
export { withPrefix } from './types.ts';
export { layUnet, type UnetParameters } from './unet.ts';
export { layVae } from './vae.ts';
