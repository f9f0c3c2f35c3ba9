import type { PlacedModule } from '#scanner/merge/index.ts';
import { RenderError, type TileRequest } from '../types.ts';
import type { Strength } from './changes.ts';

/** The parameters of one LoRA, by its place in the request, for one network. */
export function strengthOf(index: number, network: PlacedModule['module']['network']): Strength {
  const value = `lora_${index}_${network === 'unet' ? 'unet' : 'text'}`;
  return { value, isOn: `${value}_on` };
}

/** The values of all parameters. Throws RenderError `bad_request` unless there is one finite weight for each of `count` LoRAs. */
export function parameterValues(weights: TileRequest['loraWeights'], count: number): Record<string, number> {
  if (weights.length !== count) {
    throw new RenderError('bad_request', `${weights.length} weights were given for ${count} LoRAs.`);
  }
  const values: Record<string, number> = {};
  for (const [index, weight] of weights.entries()) {
    const { unet, text } = typeof weight === 'number' ? { unet: weight, text: weight } : weight;
    for (const [network, number] of [['unet', unet] as const, ['te1', text] as const]) {
      if (!Number.isFinite(number)) throw new RenderError('bad_request', `The LoRA weight ${number} is not a number.`);
      const { value, isOn } = strengthOf(index, network);
      values[value] = number;
      values[isOn] = number === 0 ? 0 : 1;
    }
  }
  return values;
}
