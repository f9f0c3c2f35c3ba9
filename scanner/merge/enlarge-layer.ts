import type { AdapterModule } from './adapter.ts';
import { MergeError } from './errors.ts';
import type { Layer } from './layers.ts';
import { countOf, type NumberReader } from './number-reader.ts';
import { matrixOf, readAnyRows, type WeightRows } from './rows.ts';

/** No adapter makes a layer this many times as large: those of FLUX.1 give its first one six times the inputs. */
const MAX_GROWTH = 64;

/**
 * The shape that a module's `reshape_weight` gives its layer before anything is added, as adapters have it that take more
 * channels; null where the layer keeps its own. Throws MergeError where the layer cannot grow to it.
 */
export async function readEnlargedShape(
  { name, parts }: AdapterModule,
  reader: NumberReader,
  { weight, bias, whole }: Layer,
): Promise<number[] | null> {
  const tensor = parts.get('reshape');
  if (tensor === undefined) return null;
  const shape = countOf(tensor.shape) === weight.shape.length ? [...(await reader.read(tensor))] : [];
  const isLarger = (size: number, axis: number) =>
    Number.isSafeInteger(size) && (axis < 2 ? size >= (weight.shape[axis] ?? 0) : size === weight.shape[axis]);
  const isSound = shape.length > 0 && shape.every(isLarger) && countOf(shape) <= MAX_GROWTH * countOf(weight.shape);
  // A bias has as many numbers as there are outputs, and nothing says what the new ones are.
  const fitsBias = bias === undefined || shape[0] === weight.shape[0];
  if (isSound && whole && fitsBias) return shape.every((size, axis) => size === weight.shape[axis]) ? null : shape;
  throw new MergeError(
    'bad-adapter',
    `The module "${name}" changes the shape of its layer to [${shape.join(', ')}], which is not possible from [${weight.shape.join(', ')}].`,
  );
}

/** A weight with zeros behind its outputs and inputs, up to `shape`. */
export function enlargeRows(weight: WeightRows, shape: readonly number[]): WeightRows {
  const { rows, columns } = matrixOf(shape);
  return {
    rows,
    columns,
    group: 1,
    async read(from, count) {
      const grown = new Float64Array(count * columns);
      const own = Math.min(count, weight.rows - from);
      if (own <= 0) return grown;
      const numbers = await readAnyRows(weight, from, own);
      for (let row = 0; row < own; row += 1) {
        grown.set(numbers.subarray(row * weight.columns, (row + 1) * weight.columns), row * columns);
      }
      return grown;
    },
  };
}
