import { RenderError, type RenderRequest, SAMPLERS, type TileRequest } from '../types.ts';

/** The largest side that any of these networks was made for is 1536; larger ones only run out of memory. */
const MAX_SIDE = 2048;
const MAX_STEPS = 200;

/** Throws RenderError `bad_request` for a tile that cannot be rendered, with what would be right. */
export function checkTile(tile: TileRequest, { loras }: RenderRequest): void {
  const { width, height, steps, seed, cfgScale, clipSkip, sampler, loraWeights } = tile;
  const fits = (side: number) => Number.isInteger(side) && side % 8 === 0 && side >= 64 && side <= MAX_SIDE;
  const wrong = [
    [!fits(width) || !fits(height), `Width and height must be multiples of 8 from 64 to ${MAX_SIDE} pixels.`],
    [
      !Number.isInteger(steps) || steps < 1 || steps > MAX_STEPS,
      `Steps must be a whole number from 1 to ${MAX_STEPS}.`,
    ],
    [!Number.isSafeInteger(seed) || seed < 0, 'The seed must be a whole number from 0 to 2^53 - 1.'],
    [!Number.isFinite(cfgScale) || cfgScale < 0 || cfgScale > 100, 'The CFG scale must be a number from 0 to 100.'],
    [!Number.isInteger(clipSkip) || clipSkip < 1 || clipSkip > 12, 'Clip skip must be a whole number from 1 to 12.'],
    [!SAMPLERS.includes(sampler), `The sampler must be one of ${SAMPLERS.join(', ')}.`],
    [loraWeights.length !== loras.length, 'Each image needs a weight for each LoRA.'],
    [!loraWeights.every(isWeight), 'LoRA weights must be numbers from -10 to 10.'],
  ] as const;
  const found = wrong.find(([isWrong]) => isWrong);
  if (found !== undefined) throw new RenderError('bad_request', found[1]);
}

function isWeight(weight: TileRequest['loraWeights'][number]): boolean {
  const numbers = typeof weight === 'number' ? [weight] : [weight.unet, weight.text];
  return numbers.every((number) => Number.isFinite(number) && Math.abs(number) <= 10);
}
