import type { Target } from '#scanner/merge/index.ts';
import type { Weight } from '../weights/index.ts';

/** The two parameters that one LoRA has for one network. */
export interface Strength {
  /** The LoRA's weight. */
  value: string;
  /** 0 at the weight 0, otherwise 1. */
  isOn: string;
}

/** `a · b`, or with a convolution's core between the two, where `a` stands on its side ([rank, rows]). */
export interface FactorProduct {
  a: Weight;
  b: Weight;
  core?: Weight;
}

/** Factors for each output or each input of a layer. */
export interface AxisFactors {
  axis: 'output' | 'input';
  factors: Weight;
}

/** `scale · up · down`, with a core between them where there is one. */
export interface LowRank {
  kind: 'low-rank';
  up: Weight;
  down: Weight;
  core?: Weight;
  /** The side of `down` that is not the layer's, and that of `up`. */
  inner: number;
  outer: number;
  scale: number;
}

/** What one module does to one layer at full strength. */
export type LayerChange =
  | LowRank
  /** Numbers that are added to the weight. */
  | { kind: 'dense'; weight: Weight }
  /** The weight times factors is added to it. */
  | ({ kind: 'scaling' } & AxisFactors)
  /** Two products, number by number (LoHa). */
  | { kind: 'hadamard'; first: FactorProduct; second: FactorProduct; scale: number; target: Target }
  /** Every number of one matrix times the whole of another (LoKr). */
  | {
      kind: 'kronecker';
      first: Weight | FactorProduct;
      second: Weight | FactorProduct;
      scale: number;
      sizes: Kronecker;
    }
  /** `scale · W · a · b` over the inputs (GLoRA). */
  | { kind: 'bent'; a: Weight; b: Weight; inner: number; scale: number; target: Target }
  /** Matrices [blocks, size, size] by which the rows of each block are multiplied (OFT). */
  | { kind: 'turned'; blocks: Weight }
  /** Takes the weight's place. */
  | { kind: 'replacement'; weight: Weight }
  /** Is added to the bias. */
  | { kind: 'bias'; weight: Weight };

/** Sizes of the two matrices of a Kronecker product. */
export interface Kronecker {
  first: Target;
  second: Target;
}

/** A change with the weight that it is applied at. */
export interface ScaledChange {
  change: LayerChange;
  strength: Strength;
  /** Of DoRA: one less than what each row or column of the change is multiplied by. */
  lengths?: AxisFactors | undefined;
}
