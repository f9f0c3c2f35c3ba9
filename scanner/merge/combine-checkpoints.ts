import type { Tensor } from '../tensors/index.ts';
import { hasBlocks, weightByTensor } from './block-weights.ts';
import { checkCheckpoints } from './check-bases.ts';
import { MergeError } from './errors.ts';
import { isFloat } from './number-decoders.ts';
import { countOf } from './number-reader.ts';
import { type OpenModel, quote } from './open-models.ts';
import { type ComputedTensor, copyOf, emptyPlan, type Plan } from './plan.ts';
import { matrixOf } from './rows.ts';
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
      `The block names of ${quote(a.model)} are not those of a Stable Diffusion checkpoint.`,
    );
  }
  const weigh = weightByTensor(a.identity.base, blocks, weight);
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
        const work = sum({ a, first: tensor, b, second: other, c, third: taken, share });
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
      `${quote(other.model)} has more input channels than ${quote(one.model)}. Use the inpainting or pix2pix model as model A.`,
    );
  }
  throw new MergeError(
    'other-shape',
    `The tensor "${tensor.name}" is [${tensor.shape.join(', ')}] in ${quote(one.model)} and [${theirs.shape.join(', ')}] in ${quote(other.model)}. These models cannot be merged.`,
  );
}

export function sameShape(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((size, axis) => size === other[axis]);
}

/** So many numbers of each model are in memory at once: as few as stay in the processor's cache from step to step. */
const BLOCK = 16 * 1024;

interface Terms {
  a: OpenModel;
  first: Tensor;
  b: OpenModel;
  second: Tensor;
  /** What is taken from B; null in a weighted sum, in which that is A. */
  c: OpenModel | null;
  third: Tensor | undefined;
  share: number;
}

function sum(terms: Terms): ComputedTensor {
  const { first, second, third } = terms;
  const isWhole = sameShape(first.shape, second.shape) && (third === undefined || sameShape(third.shape, first.shape));
  return { how: 'compute', slices: () => (isWhole ? sumNumbers(terms) : sumChannels(terms)) };
}

async function* sumNumbers({ a, first, b, second, c, third, share }: Terms): AsyncGenerator<Float64Array> {
  const count = countOf(first.shape);
  const makeBlock = () => new Float64Array(Math.min(count, BLOCK));
  const [numbers, added, removed] = [makeBlock(), makeBlock(), third === undefined ? null : makeBlock()];
  await using one = a.reader.stream(first);
  await using two = b.reader.stream(second);
  await using three = c === null || third === undefined ? null : c.reader.stream(third);
  for (let done = 0; done < count; done += BLOCK) {
    const size = Math.min(BLOCK, count - done);
    const [base, plus, minus] = [numbers, added, removed].map((block) => block?.subarray(0, size) ?? null);
    if (!base || !plus) return;
    await one.fill(base);
    await two.fill(plus);
    if (three !== null && minus) await three.fill(minus);
    addDifference(base, plus, c === null ? base : (minus ?? null), share);
    yield base;
  }
}

/** The first convolution of models that take other inputs: the channels that both have, which are the first ones. */
async function* sumChannels({ a, first, b, second, c, third, share }: Terms): AsyncGenerator<Float64Array> {
  const numbers = await a.reader.read(first);
  const added = await b.reader.read(second);
  const removed = c === null || third === undefined ? null : await c.reader.read(third);
  const columnsOf = (tensor: Tensor) => matrixOf(tensor.shape).columns;
  const [columns, plusColumns, minusColumns] = [columnsOf(first), columnsOf(second), third ? columnsOf(third) : 0];
  for (let row = 0; row < matrixOf(first.shape).rows; row += 1) {
    const line = numbers.subarray(row * columns, row * columns + plusColumns);
    const plus = added.subarray(row * plusColumns, (row + 1) * plusColumns);
    const minus = removed?.subarray(row * minusColumns, row * minusColumns + plusColumns) ?? null;
    addDifference(line, plus, c === null ? line : minus, share);
  }
  yield numbers;
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
