import { clipLLayout, openClipLayout } from './text-encoder.ts';
import { type LayoutTensor, withPrefix } from './types.ts';
import { type UnetParameters, unetLayout } from './unet.ts';
import { vaeLayout } from './vae.ts';

export type SmallBase = 'sd1' | 'sd2' | 'sdxl';

/** Width of the text encoders, and so that of the context. */
const NARROW = 64;
const DEPTH = 2;
const VAE_CHANNELS = 32;
/** Numbers of SDXL's six sizes. */
const SIZES = 6 * 256;

const UNETS: Readonly<Record<SmallBase, (context: number) => UnetParameters>> = {
  sd1: (context) => ({
    channels: 32,
    multipliers: [1, 2, 3, 3],
    depths: [1, 1, 1, 0],
    middleDepth: 1,
    inputChannels: 4,
    context,
    linearProjection: false,
  }),
  sd2: (context) => ({
    channels: 64,
    multipliers: [1, 2, 3, 3],
    depths: [1, 1, 1, 0],
    middleDepth: 1,
    inputChannels: 4,
    context,
    linearProjection: true,
  }),
  sdxl: (context) => ({
    channels: 64,
    multipliers: [1, 2, 3],
    depths: [0, 1, 2],
    middleDepth: 2,
    inputChannels: 4,
    context,
    vector: NARROW + SIZES,
    linearProjection: true,
  }),
};

/**
 * Every network of a checkpoint, narrow and shallow, with the structure of the real ones: it renders in a second on a
 * processor. With `real` widths its text encoder and context have those of the published models, by which programs tell
 * the base (SD 1.x: 104 MB in half precision, most of it the table of words).
 */
export function smallCheckpoint(base: SmallBase, widths: 'narrow' | 'real' = 'narrow'): LayoutTensor[] {
  const context = widths === 'real' ? REAL_CONTEXT[base] : base === 'sdxl' ? 2 * NARROW : NARROW;
  return [
    ...withPrefix('model.diffusion_model.', unetLayout(UNETS[base](context))),
    ...withPrefix('first_stage_model.', vaeLayout(VAE_CHANNELS)),
    ...encodersLayout(base, widths),
  ];
}

const REAL_CONTEXT: Readonly<Record<SmallBase, number>> = { sd1: 768, sd2: 1024, sdxl: 2048 };

function encodersLayout(base: SmallBase, widths: 'narrow' | 'real'): LayoutTensor[] {
  const size = (real: number) => ({ width: widths === 'real' ? real : NARROW, depth: DEPTH });
  if (base === 'sd1') return withPrefix('cond_stage_model.transformer.text_model.', clipLLayout(size(768)));
  // One layer more than is used, as in the whole OpenCLIP H.
  if (base === 'sd2') return withPrefix('cond_stage_model.model.', openClipLayout({ ...size(1024), depth: DEPTH + 1 }));
  return [
    ...withPrefix('conditioner.embedders.0.transformer.text_model.', clipLLayout(size(768))),
    ...withPrefix('conditioner.embedders.1.model.', openClipLayout(size(1280))),
  ];
}
