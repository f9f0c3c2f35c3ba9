import { DTYPE_BYTES, type QuantisedDtype, type Quantiser, type Tensor } from '../tensors/index.ts';
import { NumberCast } from './cast.ts';
import type { ElementCast } from './element-cast.ts';
import type { TargetDtype } from './float-formats.ts';

const { fround } = Math;

/** The number that each whole number of a channel stands for, rounded as torch rounds it for the scheme. */
const FORMULAS: Readonly<Record<Quantiser['scheme'], (scale: number, zero: number) => (number: number) => number>> = {
  tensor: (scale, zero) => {
    const single = fround(scale);
    return (number) => fround((number - zero) | 0) * single;
  },
  channel: (scale, zero) => (number) => fround(fround(number) - fround(zero)) * scale,
};

/**
 * Makes of torch's quantized numbers the singles that its `dequantize()` gives, and rounds these to another type. One for
 * all tensors of a pair of types; `of` gives the cast of one, which takes its elements from the first to the last.
 */
export class AffineCast {
  readonly #from: QuantisedDtype;
  readonly #cast: NumberCast | null;
  #numbers = new Float32Array(0);

  constructor(from: QuantisedDtype, to: TargetDtype) {
    this.#from = from;
    this.#cast = to === 'F32' ? null : new NumberCast('F32', to);
  }

  get saturated(): number {
    return this.#cast?.saturated ?? 0;
  }

  of({ shape, quantiser }: QuantisedTensor): ElementCast {
    const { scheme, axis, scales, zeroPoints } = quantiser;
    const formulas = Array.from(scales, (scale, channel) => FORMULAS[scheme](scale, zeroPoints[channel] ?? 0));
    /** Elements that follow each other in one channel. */
    const run = formulas.length === 1 ? Number.POSITIVE_INFINITY : shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    let position = 0;
    const convert = (input: Uint8Array): Buffer => {
      const wholes = this.#wholes(input);
      if (wholes.length > this.#numbers.length) this.#numbers = new Float32Array(wholes.length);
      const numbers = this.#numbers.subarray(0, wholes.length);
      for (let at = 0; at < wholes.length; ) {
        const index = Math.floor(position / run);
        const formula = formulas[index % formulas.length] as (number: number) => number;
        const end = Math.min(wholes.length, at + (index + 1) * run - position);
        position += end - at;
        for (; at < end; at += 1) numbers[at] = formula(wholes[at] as number);
      }
      const singles = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
      return this.#cast === null ? singles : this.#cast.convert(singles);
    };
    // What was too large is counted once, for all tensors.
    return { saturated: 0, convert };
  }

  #wholes(input: Uint8Array): Uint8Array | Int8Array | Int32Array {
    if (this.#from === 'QUINT8') return input;
    if (this.#from === 'QINT8') return new Int8Array(input.buffer, input.byteOffset, input.length);
    return new Int32Array(input.buffer, input.byteOffset, input.length / DTYPE_BYTES.QINT32);
  }
}

/** A tensor of one of torch's quantized types. */
export type QuantisedTensor = Tensor & { dtype: QuantisedDtype; quantiser: Quantiser };

/** A tensor that has what its type asks for: the tables give no other. */
export function isQuantised(tensor: Tensor): tensor is QuantisedTensor {
  return tensor.quantiser !== undefined;
}
