import type { Tensor } from '../tensors/index.ts';
import { hasBlocks, weighBlocks } from './block-weights.ts';
import { checkCheckpoints } from './check-bases.ts';
import { MergeError } from './errors.ts';
import { flatten, isFloat, isRowMajor } from './number-reader.ts';
import { type OpenModel, quote } from './open-models.ts';
import { copyOf, emptyPlan, type Plan, type Reckoned } from './plan.ts';
import { matrixOf, SLICE_NUMBERS, tensorRows } from './rows.ts';
import type { BlockWeights, UnmergedReason } from './types.ts';

interface CheckpointSum extends BlockWeights {
  a: OpenModel;
  b: OpenModel;
  /** What is taken from B before it is added; null for a weighted sum, in which that is A. */
  c: OpenModel | null;
  weight: number;
}

/** Averages of the training: a merge has none. */
export const EMA = /^model_ema\./;
/** The noise schedule, which is the same in all models or a choice of one of them, but no mean. */
const SCHEDULE =
  /^(?:betas|alphas_cumprod(?:_prev)?|sqrt_\w+|log_one_minus_alphas_cumprod|posterior_\w+|logvar|lvlb_weights|v_pred|ztsnr|edm_\w+(?:\.\w+)*)$/;
const FIRST_CONVOLUTION = /(?:^|\.)(?:input_blocks\.0\.0|conv_in)\.weight$/;

/**
 * `A + weight · (B − A)`, or `A + weight · (B − C)`, tensor by tensor, as AUTOMATIC1111 does it (`modules/extras.py`): what
 * only one model has stays as it is, what C lacks counts as zero, and of an inpainting A only the input channels that B
 * has are changed. Throws MergeError for models that do not go together.
 */
export function combineCheckpoints({ a, b, c, weight, blocks }: CheckpointSum): Plan {
  const plan = emptyPlan(checkCheckpoints(c === null ? [a, b] : [a, b, c]));
  if (blocks !== undefined && !hasBlocks(a.byName.keys())) {
    throw new MergeError(
      'bad-blocks',
      `${quote(a.model)} does not name its blocks as Stable Diffusion checkpoints do.`,
    );
  }
  const weigh = weighBlocks(a.identity.base, blocks, weight);
  const keep = (from: OpenModel, tensor: Tensor, reason: UnmergedReason) => {
    plan.tensors.push(copyOf(from, tensor));
    plan.unmerged.push({ name: tensor.name, reason });
  };

  for (const tensor of a.table.tensors) {
    const { name } = tensor;
    if (EMA.test(name)) {
      plan.leftOut.push(name);
      continue;
    }
    const other = b.byName.get(name);
    const taken = c === null ? undefined : c.byName.get(name);
    if (SCHEDULE.test(name)) keep(a, tensor, 'schedule');
    else if (other === undefined) keep(a, tensor, 'only-in-first');
    else if (!isFloat(tensor.dtype) || !isFloat(other.dtype)) keep(a, tensor, 'no-number');
    else {
      const share = weigh(name);
      checkShapes(a, tensor, b, other);
      if (c !== null && taken !== undefined) checkShapes(c, taken, b, other);
      const isWhole = sameShape(tensor.shape, other.shape);
      if (share === 0) plan.tensors.push(copyOf(a, tensor));
      else if (share === 1 && c === null && isWhole) {
        plan.tensors.push({ ...copyOf(b, other), dtype: tensor.dtype });
      } else {
        const work = sum(a, tensor, b, other, c, taken, share);
        plan.tensors.push({ name, like: tensor, dtype: tensor.dtype, work });
      }
    }
  }
  if (plan.tensors.length === plan.unmerged.length) {
    throw new MergeError('nothing-to-merge', `${quote(a.model)} and ${quote(b.model)} have no tensor in common.`);
  }
  for (const tensor of b.table.tensors) {
    if (EMA.test(tensor.name)) plan.leftOut.push(tensor.name);
    else if (!a.byName.has(tensor.name)) keep(b, tensor, 'only-in-second');
  }
  return plan;
}

function checkShapes(one: OpenModel, tensor: Tensor, other: OpenModel, theirs: Tensor): void {
  if (sameShape(tensor.shape, theirs.shape)) return;
  if (FIRST_CONVOLUTION.test(tensor.name) && sameShape(tensor.shape.with(1, 0), theirs.shape.with(1, 0))) {
    if ((tensor.shape[1] ?? 0) > (theirs.shape[1] ?? 0)) return;
    throw new MergeError(
      'other-shape',
      `${quote(other.model)} has more input channels than ${quote(one.model)}: name the inpainting or pix2pix model first.`,
    );
  }
  throw new MergeError(
    'other-shape',
    `The tensor "${tensor.name}" is [${tensor.shape.join(', ')}] in ${quote(one.model)} and [${theirs.shape.join(', ')}] in ${quote(other.model)}: these models cannot be merged.`,
  );
}

export function sameShape(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((size, axis) => size === other[axis]);
}

function sum(
  a: OpenModel,
  tensor: Tensor,
  b: OpenModel,
  other: Tensor,
  c: OpenModel | null,
  taken: Tensor | undefined,
  share: number,
): Reckoned {
  const isWhole = sameShape(tensor.shape, other.shape);
  const isFlat = isWhole && [tensor, other, ...(taken === undefined ? [] : [taken])].every(isRowMajor);
  const lay = (one: Tensor) => (isFlat ? flatten(one) : one);
  const first = tensorRows(a.reader, lay(tensor));
  const second = tensorRows(b.reader, lay(other));
  const third = c === null || taken === undefined ? null : tensorRows(c.reader, lay(taken));
  const { rows, columns } = matrixOf(lay(tensor).shape);
  return {
    how: 'reckon',
    async *slices() {
      const step = Math.max(1, Math.floor(SLICE_NUMBERS / Math.max(1, columns)));
      for (let from = 0; from < rows; from += step) {
        const count = Math.min(step, rows - from);
        const numbers = await first.read(from, count);
        const added = await second.read(from, count);
        const removed = third === null ? (c === null ? 'first' : null) : await third.read(from, count);
        const thirdColumns = third?.columns ?? 0;
        if (removed !== null && removed !== 'first' && thirdColumns === columns && second.columns === columns) {
          addDifference(numbers, added, removed, share);
        } else if (second.columns === columns) {
          addDifference(numbers, added, removed === 'first' ? numbers : null, share);
        } else {
          for (let row = 0; row < count; row += 1) {
            const line = numbers.subarray(row * columns, row * columns + second.columns);
            const plus = added.subarray(row * second.columns, (row + 1) * second.columns);
            // Of C, too, the channels that B has are the first ones.
            const minus =
              removed === 'first'
                ? line
                : removed === null
                  ? null
                  : removed.subarray(row * thirdColumns, row * thirdColumns + second.columns);
            addDifference(line, plus, minus, share);
          }
        }
        yield numbers;
      }
    },
  };
}

/** `numbers + share · (plus − minus)`, in place. No difference leaves a number as it is, minus zero too. */
function addDifference(numbers: Float64Array, plus: Float64Array, minus: Float64Array | null, share: number): void {
  if (minus === null) {
    for (let i = 0; i < numbers.length; i += 1) {
      const difference = plus[i] as number;
      if (difference !== 0) numbers[i] = (numbers[i] as number) + share * difference;
    }
    return;
  }
  for (let i = 0; i < numbers.length; i += 1) {
    const difference = (plus[i] as number) - (minus[i] as number);
    if (difference !== 0) numbers[i] = (numbers[i] as number) + share * difference;
  }
}
