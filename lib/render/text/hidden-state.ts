import { RenderError } from '../types.ts';
import type { TextBase, TextEncoder } from './types.ts';

/** The state of a text encoder that a UNet was trained on. */
export interface HiddenState {
  /** How many of the encoder's layers it has been through. */
  layers: number;
  /** Whether the encoder's last norm is applied to it. */
  finalNorm: boolean;
}

/**
 * What `clipSkip` means for a base, as A1111 and Forge have it; 1 is the default. Throws RenderError `bad_request` where
 * the encoder has fewer layers.
 *
 * - SD 1.x: the n-th layer from the end, then the last norm.
 * - SD 2.x: always the one layer it was trained on (OpenCLIP's last but one, then the last norm).
 * - SDXL: of both encoders the n-th layer from the end without a norm, but never the last: 1 and 2 are the same picture.
 *   (diffusers counts its own `clip_skip` from there: its 1 is 3 here.)
 */
export function hiddenStateOf(base: TextBase, encoder: TextEncoder, clipSkip: number): HiddenState {
  const depth = encoder.layers.length;
  if (base === 'sd2') return { layers: depth, finalNorm: true };
  const fromEnd = base === 'sdxl' ? Math.max(clipSkip, 2) : Math.max(clipSkip, 1);
  if (fromEnd > depth) {
    throw new RenderError('bad_request', `Clip skip ${clipSkip} exceeds the ${depth} layers of the text encoder.`);
  }
  return { layers: depth - (fromEnd - 1), finalNorm: base === 'sd1' };
}
