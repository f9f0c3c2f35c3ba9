import type { Dtype } from '../tensors/index.ts';
import { AffineCast, isQuantised, type QuantisedTensor } from './affine-cast.ts';
import { BlockCast } from './block-cast.ts';
import { NumberCast } from './cast.ts';
import { isUnpackable } from './dequantise.ts';
import type { ElementCast } from './element-cast.ts';
import type { TargetDtype } from './float-formats.ts';
import { Q8Cast } from './quantise.ts';
import type { OutputTensor } from './select.ts';

/** The casts of one conversion, one for each pair of types. */
export class Casts {
  readonly #casts = new Map<string, ElementCast>();
  /** Of torch's quantized types, for which each tensor has a cast of its own. */
  readonly #affine = new Map<string, AffineCast>();

  /** Null where a tensor keeps its type. The answer is for one reading of it, from the first element to the last. */
  of({ source, dtype }: OutputTensor): ElementCast | null {
    if (isQuantised(source)) return this.#ofQuantised(source, dtype);
    return source.dtype === dtype ? null : this.#between(source.dtype, dtype);
  }

  #ofQuantised(source: QuantisedTensor, dtype: Dtype): ElementCast {
    // Blocks of Q8_0 are made of singles.
    const to = dtype === 'Q8_0' ? 'F32' : (dtype as TargetDtype);
    const key = `${source.dtype} ${to}`;
    const affine = this.#affine.get(key) ?? new AffineCast(source.dtype, to);
    this.#affine.set(key, affine);
    const cast = affine.of(source);
    return dtype === 'Q8_0' ? new Q8Cast(cast) : cast;
  }

  #between(from: Dtype, to: Dtype): ElementCast {
    const key = `${from} ${to}`;
    const cast = this.#casts.get(key) ?? makeCast(from, to);
    this.#casts.set(key, cast);
    return cast;
  }

  /** How many numbers were too large for the type asked for, and became its largest. */
  get saturated(): number {
    let sum = 0;
    for (const cast of [...this.#casts.values(), ...this.#affine.values()]) sum += cast.saturated;
    return sum;
  }
}

function makeCast(from: Dtype, to: Dtype): ElementCast {
  if (to === 'Q8_0') return new Q8Cast(from === 'F32' ? null : makeCast(from, 'F32'));
  return isUnpackable(from) ? new BlockCast(from, to as TargetDtype) : new NumberCast(from, to as TargetDtype);
}
