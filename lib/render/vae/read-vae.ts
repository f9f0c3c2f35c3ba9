import { diffusersVaeNames, originalVaeNames, type VaeNames } from '#scanner/identify/index.ts';
import type { LayerWeights } from '../onnx/index.ts';
import { RenderError } from '../types.ts';
import { TensorReader, type WeightFile } from '../weights/index.ts';

import { readDecoderHalf, readEncoderHalf } from './read-half.ts';
import type { Vae, VaeEncoder, VaeHalf } from './types.ts';

/** Where programs keep the VAE: in original checkpoints, in merged diffusers files, or in a file of its own. */
const PREFIXES = ['first_stage_model.', 'vae.', ''];
/** Channels of the latents of SD 1.x, SD 2.x and SDXL. */
const LATENT_CHANNELS = 4;
/** A latent is this many times smaller than its picture, along each side. */
const LATENT_SCALE = 8;
/** Channels are normalised in so many groups. */
const GROUPS = 32;

/**
 * The half of a VAE that renders, out of a checkpoint or a file of its own; null where there is none. Throws
 * RenderError
 * `load_mismatch` where it lacks something, and `unsupported_architecture` where it is that of another family.
 */
export function readVae(file: WeightFile): Vae | null {
  const found = find(file, 'decoder');
  if (found === null) return null;
  const { reader, names } = found;
  const half = readDecoderHalf(reader, names);
  const vae = { ...half, mix: readMix(reader, 'post_quant_conv', half.latentChannels) };
  reader.finish('VAE decoder');
  assertKind(half);
  return vae;
}

/** The half that turns pictures into latents; null where there is none. Throws as `readVae` does. */
export function readVaeEncoder(file: WeightFile): VaeEncoder | null {
  const found = find(file, 'encoder');
  if (found === null) return null;
  const { reader, names } = found;
  const half = readEncoderHalf(reader, names);
  const encoder = { ...half, mix: readMix(reader, 'quant_conv', half.latentChannels * 2) };
  reader.finish('VAE encoder');
  assertKind(half);
  return encoder;
}

function find(file: WeightFile, half: 'encoder' | 'decoder'): { reader: TensorReader; names: VaeNames } | null {
  for (const prefix of PREFIXES) {
    const reader = new TensorReader(file, prefix);
    // Other networks have a `conv_in` too, but none with a middle of these names.
    if (!reader.has(`${half}.conv_in.weight`)) continue;
    if (reader.has(`${half}.mid.block_1.norm1.weight`)) return { reader, names: originalVaeNames(half) };
    if (reader.has(`${half}.mid_block.resnets.0.norm1.weight`))
      return { reader, names: diffusersVaeNames(half, (name) => reader.has(name)) };
  }
  return null;
}

/** Files that were made without it leave the channels as they are. */
function readMix(reader: TensorReader, name: string, channels: number): LayerWeights | null {
  return reader.has(`${name}.weight`) ? reader.layer(name, [channels, channels, 1, 1]) : null;
}

function assertKind({ latentChannels, levels, middle, outputNorm, width }: VaeHalf): void {
  if (latentChannels !== LATENT_CHANNELS) {
    throw new RenderError(
      'unsupported_architecture',
      `The VAE has ${latentChannels} latent channels; Stable Diffusion uses ${LATENT_CHANNELS}.`,
    );
  }
  const scale = 2 ** (levels.length - 1);
  if (scale !== LATENT_SCALE) {
    throw new RenderError(
      'unsupported_architecture',
      `The VAE scales latents by ${scale}; Stable Diffusion uses ${LATENT_SCALE}.`,
    );
  }
  const widths = [width, middle.first.output, outputNorm.weight.shape[0] ?? 0];
  const odd = widths.find((channels) => channels % GROUPS !== 0);
  if (odd !== undefined) {
    throw new RenderError(
      'load_mismatch',
      `The VAE has a layer of ${odd} channels, which is not a multiple of ${GROUPS}.`,
    );
  }
}
