import type { KeyRow } from './key-index.ts';

/** Upscalers and restorers of faces that most files are (spandrel's registry names many more). They have no base. */
export const UPSCALER_ROWS: readonly KeyRow[] = [
  { base: 'unknown', variant: 'esrgan', all: ['model.0.weight', 'model.1.sub.0.RDB1.conv1.0.weight'] },
  {
    base: 'unknown',
    variant: 'esrgan',
    all: ['conv_first.weight', 'body.0.rdb1.conv1.weight', 'conv_body.weight', 'conv_last.weight'],
  },
  {
    base: 'unknown',
    variant: 'real-esrgan-compact',
    all: ['body.0.weight', 'body.1.weight'],
    none: ['conv_first.weight'],
  },
  { base: 'unknown', variant: 'hat', all: ['conv_first.weight', 'relative_position_index_SA'] },
  { base: 'unknown', variant: 'swinir', all: ['conv_first.weight', 'layers.0.residual_group.blocks.0.norm1.weight'] },
  { base: 'unknown', variant: 'gfpgan', all: ['toRGB.0.weight', 'stylegan_decoder.style_mlp.1.weight'] },
];
