import { ElementReader } from '../convert/index.ts';
import type { FileSource } from '../source.ts';
import {
  DTYPE_BYTES,
  type Dtype,
  isPackedType,
  isQuantisedType,
  type Tensor,
  type TensorTable,
} from '../tensors/index.ts';
import { type Moments, makeTally, noMoments } from './tally.ts';

/** The numbers of one tensor. Fields of the finite numbers are null where there is none, and where `unmeasured` says why. */
export interface TensorStatistics {
  name: string;
  dtype: Dtype;
  /** Elements. */
  count: number;
  nan: number;
  infinite: number;
  zeros: number;
  min: number | null;
  max: number | null;
  mean: number | null;
  /** Standard deviation of the population: divided by the count, as numpy does unless told otherwise. */
  std: number | null;
  /** Why numbers are missing here, in a sentence; null where all were measured. */
  unmeasured: string | null;
}

/** Tied weights share their numbers; a file whose tensors lay more of it over each other than this only costs time. */
const MAX_TIMES_READ = 8;
const COMPLEX = 'Complex numbers have no minimum and maximum; NaN, infinite and zero values were counted.';
const TOO_OFTEN = `Not computed: more than ${MAX_TIMES_READ} tensors share the same data.`;

export interface MeasureOptions {
  /** Only tensors for which it says true. */
  select?: (name: string) => boolean;
  /** Called with the part that is done, from 0 to 1. */
  onProgress?: (fraction: number) => void;
}

/**
 * Reads the numbers of tensors once, in constant memory, and says for each how many there are, how many are NaN,
 * infinite or zero, and the smallest, largest, mean and standard deviation of the rest. In the order of the table.
 * What a view repeats (stride 0) is read once and counted as often as it stands there; tensors beyond a read of eight
 * times the file's size are named as unmeasured.
 * Throws ConversionError `file-changed` when the file becomes shorter meanwhile.
 */
export async function measureTensors(
  source: FileSource,
  { tensors }: TensorTable,
  { select = () => true, onProgress = () => {} }: MeasureOptions = {},
): Promise<TensorStatistics[]> {
  const chosen = tensors.filter(({ name }) => select(name));
  const budget = source.size * MAX_TIMES_READ;
  const total = Math.min(
    budget,
    chosen.reduce((sum, tensor) => sum + bytesOf(withoutRepeats(tensor)), 0),
  );
  const statistics: TensorStatistics[] = [];
  let done = 0;
  onProgress(0);
  await using reader = await ElementReader.open(source);
  for (const tensor of chosen) {
    const { name, dtype } = tensor;
    if (isPackedType(dtype) || isQuantisedType(dtype)) {
      statistics.push({ ...summarise(tensor, noMoments()), unmeasured: `Not computed: ${dtype} is a quantized type.` });
      continue;
    }
    const once = withoutRepeats(tensor);
    if (done + bytesOf(once) > budget) {
      statistics.push({ ...summarise(tensor, noMoments()), unmeasured: TOO_OFTEN });
      continue;
    }
    const tally = makeTally(dtype, countOf(once));
    for await (const block of reader.read({ name, dtype, source: once })) {
      tally.add(block);
      done += block.length;
      if (total > 0) onProgress(Math.min(1, done / total));
    }
    statistics.push(
      summarise(tensor, repeat(tally.result(), countOf(once) === 0 ? 1 : countOf(tensor) / countOf(once))),
    );
  }
  onProgress(1);
  return statistics;
}

function summarise(
  tensor: Tensor,
  { nan, infinite, zeros, min, max, mean, squares, finite }: Moments,
): TensorStatistics {
  const { name, dtype } = tensor;
  const counts = { name, dtype, count: countOf(tensor), nan, infinite, zeros };
  const unmeasured = dtype === 'C64' ? COMPLEX : null;
  if (finite === 0 || dtype === 'C64') return { ...counts, min: null, max: null, mean: null, std: null, unmeasured };
  return { ...counts, min, max, mean, std: Math.sqrt(squares / finite), unmeasured };
}

/** The tensor with each of its repeated rows once. */
function withoutRepeats(tensor: Tensor): Tensor {
  const { shape, storage } = tensor;
  if (shape.includes(0)) return tensor;
  return { ...tensor, shape: shape.map((size, axis) => (storage.stride[axis] === 0 ? 1 : size)) };
}

function repeat(moments: Moments, times: number): Moments {
  const { finite, nan, infinite, zeros, squares } = moments;
  return {
    ...moments,
    finite: finite * times,
    nan: nan * times,
    infinite: infinite * times,
    zeros: zeros * times,
    squares: squares * times,
  };
}

function countOf({ shape }: Tensor): number {
  return shape.reduce((product, size) => product * size, 1);
}

function bytesOf(tensor: Tensor): number {
  return countOf(tensor) * DTYPE_BYTES[tensor.dtype];
}

/** What is wrong with the numbers of a model, in sentences: NaN or infinite weights draw black or grey pictures. */
export function findBrokenNumbers(statistics: readonly TensorStatistics[]): string[] {
  const brokenNumbers = (field: 'nan' | 'infinite', what: string) => {
    const hit = statistics.filter((one) => one[field] > 0);
    const [first] = hit;
    if (first === undefined) return [];
    const count = hit.reduce((sum, one) => sum + one[field], 0);
    const more = hit.length === 1 ? '' : ` and ${hit.length - 1} more`;
    return [
      `${count} ${count === 1 ? 'weight is' : 'weights are'} ${what}, in ${first.name}${more}. Images of this model may be black or gray.`,
    ];
  };
  return [...brokenNumbers('nan', 'not a number (NaN)'), ...brokenNumbers('infinite', 'infinite')];
}
