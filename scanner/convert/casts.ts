import type { Dtype } from '../tensors/index.ts';
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

  /** Null where a tensor keeps its type. */
  of({ source, dtype }: OutputTensor): ElementCast | null {
    return source.dtype === dtype ? null : this.#between(source.dtype, dtype);
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
    for (const cast of this.#casts.values()) sum += cast.saturated;
    return sum;
  }
}

function makeCast(from: Dtype, to: Dtype): ElementCast {
  if (to === 'Q8_0') return new Q8Cast(from === 'F32' ? null : makeCast(from, 'F32'));
  return isUnpackable(from) ? new BlockCast(from, to as TargetDtype) : new NumberCast(from, to as TargetDtype);
}
