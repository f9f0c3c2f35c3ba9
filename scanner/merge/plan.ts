import type { Dtype, Tensor } from '../tensors/index.ts';
import type { NumberReader } from './number-reader.ts';
import type { MergeReport, UnmergedReason } from './types.ts';

/** One tensor of the result. */
export interface PlannedTensor {
  name: string;
  /** Its shape is the result's; where its numbers stand counts for copies alone. */
  like: Tensor;
  /** The result's type where no other is asked for. */
  dtype: Dtype;
  work: Copied | ComputedTensor;
}

/** The numbers of `like`, as they are. */
export interface Copied {
  how: 'copy';
  reader: NumberReader;
}

/** Its numbers, row-major, in slices; each holds until the next is asked for. */
export interface ComputedTensor {
  how: 'compute';
  slices: () => AsyncIterable<Float64Array>;
}

/** What is to be written, and what there is to say of it. */
export interface Plan {
  tensors: PlannedTensor[];
  unmerged: { name: string; reason: UnmergedReason }[];
  unplaced: MergeReport['unplaced'];
  ignored: MergeReport['ignored'];
  leftOut: string[];
  warnings: string[];
}

export function emptyPlan(warnings: string[] = []): Plan {
  return { tensors: [], unmerged: [], unplaced: [], ignored: [], leftOut: [], warnings };
}

/** A tensor as one of the models has it. */
export function copyOf({ reader }: { reader: NumberReader }, tensor: Tensor): PlannedTensor {
  return { name: tensor.name, like: tensor, dtype: tensor.dtype, work: { how: 'copy', reader } };
}
