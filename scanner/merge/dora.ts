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

/** What `decompose` multiplies each row, or each input's column, by. */
export interface LengthFactors {
  axis: 'output' | 'input';
  factors: Float64Array;
}

/** The factors of `decompose` alone: all rows are seen once. Throws MergeError as it does. */
export async function measureFactors(
  changed: WeightRows,
  magnitude: Float64Array,
  tensor: Tensor,
  target: Target,
): Promise<LengthFactors> {
  if (isPerInput(tensor, magnitude.length, target)) {
    return { axis: 'input', factors: await inputFactors(changed, magnitude, target) };
  }
  const factors = new Float64Array(changed.rows);
  for await (const { from, numbers } of slicesOf(changed)) {
    for (let row = 0; row * changed.columns < numbers.length; row += 1) {
      const line = numbers.subarray(row * changed.columns, (row + 1) * changed.columns);
      factors[from + row] = factorOf(line, magnitude[from + row]);
    }
  }
  return { axis: 'output', factors };
}

/** The axis whose side is larger than 1 decides; a plain list is one of outputs. */
function isPerInput({ name, shape }: Tensor, count: number, { rows, inputs }: Target): boolean {
  const fitsOutput = count === rows && (shape[0] ?? 1) === rows;
  const fitsInput = count === inputs && shape.length > 1 && shape[1] === inputs;
  if (!fitsOutput && !fitsInput) {
    throw new MergeError('bad-adapter', `The magnitudes "${name}" do not match their layer.`);
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
        const factor = factorOf(line, magnitude[from + row]);
        for (let i = 0; i < columns; i += 1) line[i] = (line[i] as number) * factor;
      }
      return numbers;
    },
  };
}

function factorOf(line: Float64Array, magnitude = 0): number {
  let sum = 0;
  for (let i = 0; i < line.length; i += 1) sum += (line[i] as number) ** 2;
  return magnitude / (Math.sqrt(sum) + EPSILON);
}

async function inputFactors(
  changed: WeightRows,
  magnitude: Float64Array,
  { inputs, kernel }: Target,
): Promise<Float64Array> {
  const { columns } = changed;
  const sums = new Float64Array(inputs);
  for await (const { numbers } of slicesOf(changed)) {
    for (let i = 0; i < numbers.length; i += 1) {
      const input = Math.floor((i % columns) / kernel);
      sums[input] = (sums[input] as number) + (numbers[i] as number) ** 2;
    }
  }
  return sums.map((sum, input) => (magnitude[input] ?? 0) / (Math.sqrt(sum) + EPSILON));
}

/** The lengths are known when all rows were seen once; they are worked out again rather than kept. */
function perInput(changed: WeightRows, magnitude: Float64Array, target: Target): WeightRows {
  const { columns } = changed;
  const { kernel } = target;
  let factors: Promise<Float64Array> | undefined;
  return {
    ...changed,
    async read(from, count) {
      factors ??= inputFactors(changed, magnitude, target);
      const scale = await factors;
      const numbers = await changed.read(from, count);
      for (let i = 0; i < numbers.length; i += 1) {
        numbers[i] = (numbers[i] as number) * (scale[Math.floor((i % columns) / kernel)] as number);
      }
      return numbers;
    },
  };
}
