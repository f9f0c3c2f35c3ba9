import type { Tensor } from '../tensors/index.ts';
import type { Target } from './deltas.ts';
import { MergeError } from './errors.ts';
import { slicesOf, type WeightRows } from './rows.ts';

/** What LyCORIS adds to a norm before it divides by it: the smallest step of a single at 1. */
const EPSILON = 2 ** -23;

/**
 * A changed weight with each row, or each input's column, brought to the length that `magnitude` records (DoRA,
 * weight-decomposed adaptation). Throws MergeError where the magnitudes fit neither.
 */
export function decompose(changed: WeightRows, magnitude: Float64Array, tensor: Tensor, target: Target): WeightRows {
  return isPerInput(tensor, magnitude.length, target)
    ? perInput(changed, magnitude, target)
    : perOutput(changed, magnitude);
}

/** The axis whose side is larger than 1 decides; a plain list is one of outputs. */
function isPerInput({ name, shape }: Tensor, count: number, { rows, inputs }: Target): boolean {
  const fitsOutput = count === rows && (shape[0] ?? 1) === rows;
  const fitsInput = count === inputs && shape.length > 1 && shape[1] === inputs;
  if (!fitsOutput && !fitsInput) {
    throw new MergeError('bad-adapter', `The magnitudes "${name}" fit neither side of their layer.`);
  }
  return !fitsOutput;
}

function perOutput(changed: WeightRows, magnitude: Float64Array): WeightRows {
  const { columns } = changed;
  return {
    ...changed,
    async read(from, count) {
      const numbers = await changed.read(from, count);
      for (let row = 0; row < count; row += 1) {
        const line = numbers.subarray(row * columns, (row + 1) * columns);
        let sum = 0;
        for (let i = 0; i < columns; i += 1) sum += (line[i] as number) ** 2;
        const factor = (magnitude[from + row] ?? 0) / (Math.sqrt(sum) + EPSILON);
        for (let i = 0; i < columns; i += 1) line[i] = (line[i] as number) * factor;
      }
      return numbers;
    },
  };
}

/** The lengths are known when all rows were seen once; they are worked out again rather than kept. */
function perInput(changed: WeightRows, magnitude: Float64Array, { inputs, kernel }: Target): WeightRows {
  const { columns } = changed;
  let factors: Promise<Float64Array> | undefined;
  const measure = async () => {
    const sums = new Float64Array(inputs);
    for await (const { numbers } of slicesOf(changed)) {
      for (let i = 0; i < numbers.length; i += 1) {
        const input = Math.floor((i % columns) / kernel);
        sums[input] = (sums[input] as number) + (numbers[i] as number) ** 2;
      }
    }
    return sums.map((sum, input) => (magnitude[input] ?? 0) / (Math.sqrt(sum) + EPSILON));
  };
  return {
    ...changed,
    async read(from, count) {
      factors ??= measure();
      const scale = await factors;
      const numbers = await changed.read(from, count);
      for (let i = 0; i < numbers.length; i += 1) {
        numbers[i] = (numbers[i] as number) * (scale[Math.floor((i % columns) / kernel)] as number);
      }
      return numbers;
    },
  };
}
