import type { Tensor } from '../tensors/index.ts';
import { countOf, type NumberReader } from './number-reader.ts';

/** So many numbers are computed at once: 1 MiB of doubles, which stay in the processor's cache. */
export const SLICE_NUMBERS = 128 * 1024;

/**
 * A weight as a matrix that is worked out a few rows at a time: rows are its first dimension, columns all others. Each
 * change of a weight is one of these over the one before, so nothing is rounded in between.
 */
export interface WeightRows {
  readonly rows: number;
  readonly columns: number;
  /** Rows are worked out in groups of so many: `from` is a multiple of it, `count` too or reaches the last row. */
  readonly group: number;
  /** The caller may change what it gets. */
  read(from: number, count: number): Promise<Float64Array>;
}

/** Sizes of a tensor as a matrix. */
export function matrixOf(shape: readonly number[]): { rows: number; columns: number } {
  return { rows: shape[0] ?? 1, columns: countOf(shape.slice(1)) };
}

/** The numbers of a tensor as they stand in a file. */
export function tensorRows(reader: NumberReader, tensor: Tensor): WeightRows {
  return { ...matrixOf(tensor.shape), group: 1, read: (from, count) => reader.readRows(tensor, from, count) };
}

/** Any rows of a weight, whatever its groups are. */
export async function readAnyRows(weight: WeightRows, from: number, count: number): Promise<Float64Array> {
  const start = Math.floor(from / weight.group) * weight.group;
  const end = Math.min(weight.rows, Math.ceil((from + count) / weight.group) * weight.group);
  const rows = await weight.read(start, end - start);
  if (start === from && end === from + count) return rows;
  return rows.subarray((from - start) * weight.columns, (from - start + count) * weight.columns);
}

/** How many rows make a slice: as many as `SLICE_NUMBERS` allows, in whole groups, at least one. */
export function sliceRows({ rows, columns, group }: WeightRows): number {
  const groups = Math.max(1, Math.floor(SLICE_NUMBERS / Math.max(1, columns * group)));
  return Math.min(Math.max(1, rows), groups * group);
}

/** All rows, slice by slice. */
export async function* slicesOf(weight: WeightRows): AsyncGenerator<{ from: number; numbers: Float64Array }> {
  const step = sliceRows(weight);
  for (let from = 0; from < weight.rows; from += step) {
    yield { from, numbers: await weight.read(from, Math.min(step, weight.rows - from)) };
  }
}

/** Some rows of a weight, as a weight of their own. */
export function cutRows(weight: WeightRows, first: number, rows: number): WeightRows {
  return { rows, columns: weight.columns, group: 1, read: (from, count) => readAnyRows(weight, first + from, count) };
}

/** A weight as rows `[first, first + weight.rows)` of a larger one, of which no other row is ever asked for. */
export function shiftRows(weight: WeightRows, first: number, rows: number): WeightRows {
  const { columns } = weight;
  return { rows, columns, group: 1, read: (from, count) => readAnyRows(weight, from - first, count) };
}

/** `weight` with the rows from `first` on replaced by those of `part`. */
export function spliceRows(weight: WeightRows, first: number, part: WeightRows): WeightRows {
  const last = first + part.rows;
  return {
    rows: weight.rows,
    columns: weight.columns,
    group: 1,
    async read(from, count) {
      const numbers = (await readAnyRows(weight, from, count)).slice();
      const begin = Math.max(from, first);
      const end = Math.min(from + count, last);
      if (begin < end) {
        numbers.set(await readAnyRows(part, begin - first, end - begin), (begin - from) * weight.columns);
      }
      return numbers;
    },
  };
}
