import type { GraphTarget } from '../onnx/index.ts';
import { type Provider, RenderError } from '../types.ts';
import type { Weight } from '../weights/index.ts';

const MIB = 1024 * 1024;
/**
 * Bytes that decoding takes in addition to the weights, for a pixel in fp32: measured with SD's VAE, 1.5 GiB at 512 ×
 * 512. The UNet takes less for any picture that it can render: 0.6 GiB there.
 */
const DECODE_BYTES_PER_PIXEL = 6000;
const DENOISE_BYTES_PER_PIXEL = 2400;
/** The process itself, the engine's library and its buffers. */
const PROCESS_BYTES = 250 * MIB;
/** The largest weights that are cast at a time, where they stay as they are stored. */
const CAST_BYTES = 300 * MIB;
/** Widening more than this takes longer than it saves in a preview's steps: SDXL, half a minute against one second a step. */
const WIDENED_BYTES = 8 * 1024 * MIB;
/** Of what the system says is free, the rest stays for others. */
const SHARE = 0.85;

export interface NetworkSizes {
  text: readonly Weight[];
  unet: readonly Weight[];
  vae: readonly Weight[];
}

/** How the networks of a picture are held in memory. */
export interface MemoryPlan {
  /** Side by side; else one is let go of before the next is loaded. */
  fitTogether: boolean;
  weights: 'widened' | 'stored';
}

/**
 * How a picture of so many pixels fits: all networks side by side or one at a time, and with weights widened or, where that
 * is too much, left as they are stored. Throws RenderError `out_of_memory` where not even that can fit: it is known before anything is tried.
 * On a GPU the driver has the last word.
 */
export function planMemory(
  { text, unet, vae }: NetworkSizes,
  {
    provider,
    target,
    pixels,
    limit,
  }: { provider: Provider; target: GraphTarget; pixels: number; limit: number | null },
): MemoryPlan {
  if (provider !== 'cpu') return { fitTogether: true, weights: 'widened' };
  const bytes = target.precision === 'fp16' ? 2 : 4;
  const working = [0, pixels * DENOISE_BYTES_PER_PIXEL, pixels * DECODE_BYTES_PER_PIXEL];
  const networks = [text, unet, vae];
  const widened = networks.map((weights, index) => countOf(weights) * bytes + (working[index] ?? 0));
  const stored = networks.map((weights, index) => storedBytes(weights) + CAST_BYTES + (working[index] ?? 0));

  // What this process has already is its own to use again.
  const free = process.availableMemory() * SHARE + process.memoryUsage.rss();
  const room = Math.min(limit ?? Number.POSITIVE_INFINITY, free) - PROCESS_BYTES;
  if (Math.max(...widened) <= Math.min(room, WIDENED_BYTES)) {
    return { fitTogether: sumOf(widened) <= room, weights: 'widened' };
  }
  const least = Math.max(...stored);
  if (least <= room) return { fitTogether: sumOf(stored) <= room, weights: 'stored' };
  throw new RenderError(
    'out_of_memory',
    `This image needs about ${inGigabytes(least + PROCESS_BYTES)} of memory, but the limit is ${inGigabytes(room + PROCESS_BYTES)}. Use a smaller size or increase the limit.`,
  );
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function storedBytes(weights: readonly Weight[]): number {
  return weights.reduce((sum, { length }) => sum + length, 0);
}

/** Numbers in these weights. */
function countOf(weights: readonly Weight[]): number {
  return weights.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`;
}
