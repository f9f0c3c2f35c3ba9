import type { GraphTarget } from '../onnx/index.ts';
import { type Provider, RenderError } from '../types.ts';
import type { Weight } from '../weights/index.ts';

const MIB = 1024 * 1024;
/**
 * Bytes that decoding takes beside the weights, for a pixel in fp32: measured with SD's VAE, 1.5 GiB at 512 × 512. The
 * UNet takes less for any picture that it can draw: 0.6 GiB there.
 */
const DECODE_BYTES_PER_PIXEL = 6000;
const DENOISE_BYTES_PER_PIXEL = 2400;
/** The process itself, the engine's library and its buffers. */
const PROCESS_BYTES = 250 * MIB;
/** Of what the system says is free, the rest stays for others. */
const SHARE = 0.85;

export interface NetworkSizes {
  text: readonly Weight[];
  unet: readonly Weight[];
  vae: readonly Weight[];
}

/**
 * Whether all networks may stay loaded side by side for a picture of so many pixels. Throws RenderError `out_of_memory`
 * where not even one at a time can fit: that is known before anything is tried. On a GPU the driver has the last word.
 */
export function planMemory(
  { text, unet, vae }: NetworkSizes,
  {
    provider,
    target,
    pixels,
    limit,
  }: { provider: Provider; target: GraphTarget; pixels: number; limit: number | null },
): { fitTogether: boolean } {
  if (provider !== 'cpu') return { fitTogether: true };
  const bytes = target.precision === 'fp16' ? 2 : 4;
  const denoise = sizeOf(unet) * bytes + pixels * DENOISE_BYTES_PER_PIXEL;
  const decode = sizeOf(vae) * bytes + pixels * DECODE_BYTES_PER_PIXEL;
  const encode = sizeOf(text) * bytes;
  const room = Math.min(limit ?? Number.POSITIVE_INFINITY, process.availableMemory() * SHARE);
  const needed = PROCESS_BYTES + Math.max(denoise, decode, encode);
  if (needed > room) {
    throw new RenderError(
      'out_of_memory',
      `This picture needs about ${inGigabytes(needed)} of memory, and ${inGigabytes(room)} may be taken. Draw it smaller, or raise the limit.`,
    );
  }
  return { fitTogether: PROCESS_BYTES + denoise + decode + encode <= room };
}

/** Numbers in these weights. */
function sizeOf(weights: readonly Weight[]): number {
  return weights.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}
