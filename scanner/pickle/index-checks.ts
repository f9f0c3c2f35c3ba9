import type { TensorRecord } from './values.ts';

/** What must hold of the numbers of a tensor, because other numbers are found by them: they are read to see it. */
export type IndexCheck =
  /** Places of the values of a sparse tensor, a row for each dimension. */
  | { kind: 'coordinates'; indices: TensorRecord; values: TensorRecord; size: readonly number[]; at: number }
  /** Where each row (or column) ends among the values, and the column (or row) of each value. */
  | {
      kind: 'compressed';
      compressed: TensorRecord;
      plain: TensorRecord;
      values: TensorRecord;
      size: readonly number[];
      /** True where rows are compressed. */
      areRows: boolean;
      /** True where each value is a block. */
      areBlocks: boolean;
      at: number;
    }
  /** Sizes, steps and beginnings of tensors inside one. */
  | {
      kind: 'nested';
      buffer: TensorRecord;
      sizes: TensorRecord;
      strides: TensorRecord;
      offsets: TensorRecord;
      at: number;
    };
