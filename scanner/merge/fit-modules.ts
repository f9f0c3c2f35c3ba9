import type { Tensor } from '../tensors/index.ts';
import type { AdapterModule } from './adapter.ts';
import type { Layer } from './layers.ts';
import { isFloat } from './number-decoders.ts';

/** What a module changes of its layer: files of whole differences may hold that of the bias alone. */
export function changesOf({ kind, parts }: AdapterModule): {
  changesWeight: boolean;
  biasDifference: Tensor | undefined;
} {
  return {
    changesWeight: kind !== 'full' || parts.has('diff') || parts.has('w_norm'),
    biasDifference: parts.get('diff_b') ?? parts.get('b_norm'),
  };
}

/** Whether a layer has what a module changes, in numbers to compute with. */
export function isPlaceable(module: AdapterModule, layer: Layer): boolean {
  const { changesWeight, biasDifference } = changesOf(module);
  if (!isFloat(layer.weight.dtype) || (changesWeight && !fits(module, layer))) return false;
  return biasDifference === undefined || layer.bias !== undefined;
}

/** Whether the sides of the layer are those that the module was made for, where it has kept them. */
export function fits({ kind, parts }: AdapterModule, { weight, rows }: Layer): boolean {
  const shape = (part: string) => parts.get(part)?.shape ?? [];
  const inputs = weight.shape[1] ?? 1;
  if (kind === 'lora') return shape('up')[0] === rows && (shape('down')[1] ?? 1) === inputs;
  if (kind === 'full') return (shape('diff')[0] ?? shape('w_norm')[0]) === rows;
  if (kind === 'loha') {
    return shape('w1_a')[parts.has('t1') ? 1 : 0] === rows;
  }
  return true;
}
