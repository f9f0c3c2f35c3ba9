import type { Tensor } from '../../tensors/index.ts';

/** A tensor of the file to be written, of one tensor of the model or the rows of several, one after the other. */
export interface MappedTensor {
  name: string;
  shape: readonly number[];
  parts: Tensor[];
}

/** The tensors of one component by their names in it, and where they go. */
export interface Mapping {
  mapped: MappedTensor[];
  /** Names that a file of this kind has no place for. */
  unmapped: string[];
  /** Names of the written file that nothing was found for. */
  missing: string[];
  /** Names that other programs make themselves. */
  leftOut: string[];
}

export type ByName = ReadonlyMap<string, Tensor>;
