import type { Tensor } from '../tensors/index.ts';
import type { AdapterModule } from './adapter.ts';
import { type Delta, makeDelta, targetOf } from './deltas.ts';
import { decompose } from './dora.ts';
import { MergeError } from './errors.ts';
import { countOf, type NumberReader } from './number-reader.ts';
import { rotateRows } from './oft.ts';
import { tensorRows, type WeightRows } from './rows.ts';

/** One module that is to be baked into one weight. */
export interface Baking {
  module: AdapterModule;
  reader: NumberReader;
  /** The LoRA weight: 1 is what the adapter was trained to. */
  strength: number;
}

/**
 * `weight` with a module baked in: `W + strength · ΔW`, and for a module with magnitudes of its own (DoRA)
 * `W + strength · (D − W)`. `shape` is that of the layer. Throws MergeError where the module does not fit.
 */
export async function bakeWeight(
  weight: WeightRows,
  shape: readonly number[],
  { module, reader, strength }: Baking,
): Promise<WeightRows> {
  const target = targetOf(shape, weight.rows);
  const magnitude = module.parts.get('dora');
  if (module.kind === 'set') return replaceRows(weight, module, reader);
  if (module.kind === 'oft') {
    const turned = await rotateRows(module, reader, weight, target);
    return blend(weight, turned, strength);
  }
  const delta = await makeDelta(module, reader, target);
  if (magnitude === undefined) return addDelta(weight, delta, strength);
  const changed = addDelta(weight, delta, 1);
  return blend(weight, decompose(changed, await reader.read(magnitude), magnitude, target), strength);
}

/** A bias, or the weight of a norm, with a stored difference added. */
export function bakeDifference(
  weight: WeightRows,
  difference: Tensor,
  { module, reader, strength }: Baking,
): WeightRows {
  if (countOf(difference.shape) !== weight.rows * weight.columns) {
    throw new MergeError('bad-adapter', `The module "${module.name}" does not match its layer.`);
  }
  return addDelta(weight, { group: 1, rows: (from, count) => reader.readRows(difference, from, count) }, strength);
}

export function addDelta(weight: WeightRows, delta: Delta, strength: number): WeightRows {
  return {
    rows: weight.rows,
    columns: weight.columns,
    group: Math.max(weight.group, delta.group),
    async read(from, count) {
      const numbers = await weight.read(from, count);
      const added = await delta.rows(from, count, numbers);
      for (let i = 0; i < numbers.length; i += 1) {
        numbers[i] = (numbers[i] as number) + strength * (added[i] as number);
      }
      return numbers;
    },
  };
}

/** `W + strength · (other − W)`. */
function blend(weight: WeightRows, other: WeightRows, strength: number): WeightRows {
  const group = weight.group === 1 || other.group % weight.group === 0 ? other.group : weight.rows;
  return {
    rows: weight.rows,
    columns: weight.columns,
    group,
    async read(from, count) {
      const numbers = await weight.read(from, count);
      const goal = await other.read(from, count);
      for (let i = 0; i < numbers.length; i += 1) {
        const old = numbers[i] as number;
        numbers[i] = old + strength * ((goal[i] as number) - old);
      }
      return numbers;
    },
  };
}

/** `set_weight`: other numbers in the place of the old, at any strength. */
function replaceRows(weight: WeightRows, module: AdapterModule, reader: NumberReader): WeightRows {
  const tensor = module.parts.get('set');
  if (tensor === undefined || countOf(tensor.shape) !== weight.rows * weight.columns) {
    throw new MergeError('bad-adapter', `The module "${module.name}" does not match its layer.`);
  }
  return tensorRows(reader, tensor);
}
