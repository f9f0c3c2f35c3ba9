import { ElementReader } from '../convert/index.ts';
import type { FileSource } from '../source.ts';
import { DTYPE_BYTES, type Dtype, type Tensor, type TensorTable } from '../tensors/index.ts';
import { makeTally } from './tally.ts';

/** The numbers of one tensor. Fields of the finite numbers are null where there is none, and for complex numbers. */
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
}

export interface MeasureOptions {
  /** Only tensors for which it says true. */
  select?: (name: string) => boolean;
  /** Called with the part that is done, from 0 to 1. */
  onProgress?: (fraction: number) => void;
}

/**
 * Reads the numbers of tensors once, in constant memory, and says for each how many there are, how many are NaN,
 * infinite or zero, and the smallest, largest, mean and standard deviation of the rest. In the order of the table.
 * Throws ConversionError `file-changed` when the file becomes shorter meanwhile.
 */
export async function measureTensors(
  source: FileSource,
  { tensors }: TensorTable,
  { select = () => true, onProgress = () => {} }: MeasureOptions = {},
): Promise<TensorStatistics[]> {
  const chosen = tensors.filter(({ name }) => select(name));
  const total = chosen.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  const statistics: TensorStatistics[] = [];
  let done = 0;
  onProgress(0);
  await using reader = await ElementReader.open(source);
  for (const tensor of chosen) {
    const { name, dtype } = tensor;
    const tally = makeTally(dtype, bytesOf(tensor) / DTYPE_BYTES[dtype]);
    if (tally !== null) {
      for await (const block of reader.read({ name, dtype, source: tensor })) {
        tally.add(block);
        done += block.length;
        if (total > 0) onProgress(Math.min(1, done / total));
      }
    }
    statistics.push(summarise(tensor, tally?.result() ?? null));
  }
  onProgress(1);
  return statistics;
}

function summarise(tensor: Tensor, moments: ReturnType<NonNullable<ReturnType<typeof makeTally>>['result']> | null) {
  const { name, dtype } = tensor;
  const count = bytesOf(tensor) / DTYPE_BYTES[dtype];
  if (moments === null || moments.finite === 0) {
    const { nan = 0, infinite = 0, zeros = 0 } = moments ?? {};
    return { name, dtype, count, nan, infinite, zeros, min: null, max: null, mean: null, std: null };
  }
  const { nan, infinite, zeros, min, max, mean, squares, finite } = moments;
  return { name, dtype, count, nan, infinite, zeros, min, max, mean, std: Math.sqrt(squares / finite) };
}

function bytesOf({ shape, dtype }: Tensor): number {
  return shape.reduce((product, size) => product * size, 1) * DTYPE_BYTES[dtype];
}

/** What is wrong with the numbers of a model, in sentences: NaN or infinite weights draw black or grey pictures. */
export function findBrokenNumbers(statistics: readonly TensorStatistics[]): string[] {
  const broken = (field: 'nan' | 'infinite', what: string) => {
    const hit = statistics.filter((one) => one[field] > 0);
    const [first] = hit;
    if (first === undefined) return [];
    const count = hit.reduce((sum, one) => sum + one[field], 0);
    const more = hit.length === 1 ? '' : ` and ${hit.length - 1} more`;
    return [
      `${count} ${count === 1 ? 'weight is' : 'weights are'} ${what}, in ${first.name}${more}. Pictures of such a model turn out black or grey.`,
    ];
  };
  return [...broken('nan', 'not a number (NaN)'), ...broken('infinite', 'infinite')];
}
