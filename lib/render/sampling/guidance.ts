import { blend } from './plan.ts';

/**
 * Classifier-free guidance on raw outputs of the network: `u + scale · (c - u)`, for epsilon and v alike. `rescale` from 0
 * to 1 takes that much of the same brought back to the deviation of `c`, against the overexposure that zero-terminal-SNR
 * models have at high guidance (Lin et al., arXiv 2305.08891, section 3.4, who take 0.7). The outputs are of one picture.
 * Throws RangeError when their lengths differ.
 */
export function combineGuidance(uncond: Float32Array, cond: Float32Array, cfgScale: number, rescale = 0): Float32Array {
  if (uncond.length !== cond.length) {
    throw new RangeError(`Outputs of ${uncond.length} and ${cond.length} numbers cannot be combined.`);
  }
  const combined = blend(1 - cfgScale, uncond, cfgScale, cond);
  if (rescale === 0) return combined;
  const spread = spreadOf(combined);
  if (spread === 0) return combined;
  return blend(1 - rescale, combined, rescale * (spreadOf(cond) / spread), combined);
}

/** Standard deviation times the root of the count, which outputs of one length have in common. */
function spreadOf(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares);
}
