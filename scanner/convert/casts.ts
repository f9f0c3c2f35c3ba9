import type { Dtype } from '../tensors/index.ts';
import { BlockCast } from './block-cast.ts';
import { NumberCast } from './cast.ts';
import { isUnpackable } from './dequantise.ts';
import type { TargetDtype } from './float-formats.ts';
import type { OutputTensor } from './select.ts';

/** The casts of one conversion, one for each pair of types. */
export class Casts {
  readonly #casts = new Map<string, NumberCast | BlockCast>();

  /** Null where a tensor keeps its type. */
  of({ source, dtype }: OutputTensor): Pick<NumberCast, 'convert'> | null {
    return source.dtype === dtype ? null : this.#between(source.dtype, dtype as TargetDtype);
  }

  #between(from: Dtype, to: TargetDtype): NumberCast | BlockCast {
    const key = `${from} ${to}`;
    const cast = this.#casts.get(key) ?? (isUnpackable(from) ? new BlockCast(from, to) : new NumberCast(from, to));
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
