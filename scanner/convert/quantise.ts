import { GGUF_BLOCKS } from '../tensors/index.ts';
import type { ElementCast } from './element-cast.ts';
import { ConversionError } from './errors.ts';

const { elements: ELEMENTS, bytes: BYTES } = GGUF_BLOCKS.Q8_0;
const { fround } = Math;

/**
 * Quantizes singles to Q8_0 as ggml does (`quantize_row_q8_0_ref`): a scale of 1/127 of the largest in each block of 32,
 * in half precision, and the numbers as multiples of it, halves rounded away from zero. `toSingles` makes singles of
 * what is not. Throws ConversionError for numbers that are not finite, which no scale can hold.
 */
export class Q8Cast implements ElementCast {
  /** Input comes in multiples of so many elements. */
  readonly elementsAtOnce = ELEMENTS;
  readonly #toSingles: ElementCast | null;
  #output = Buffer.alloc(0);

  constructor(toSingles: ElementCast | null) {
    this.#toSingles = toSingles;
  }

  get saturated(): number {
    return this.#toSingles?.saturated ?? 0;
  }

  /** The blocks of whole elements. The answer holds until the next call. */
  convert(input: Uint8Array): Buffer {
    const singles = this.#toSingles === null ? input : this.#toSingles.convert(input);
    const numbers = new Float32Array(singles.buffer, singles.byteOffset, singles.length / 4);
    const size = (numbers.length / ELEMENTS) * BYTES;
    if (size > this.#output.length) this.#output = Buffer.allocUnsafeSlow(size);
    const output = this.#output.subarray(0, size);
    const view = new DataView(output.buffer, output.byteOffset, output.length);
    for (let from = 0, at = 0; from < numbers.length; from += ELEMENTS, at += BYTES) {
      let largest = 0;
      for (let i = 0; i < ELEMENTS; i += 1) {
        const size = Math.abs(numbers[from + i] as number);
        // What is not a number is not smaller.
        if (!(size <= largest)) largest = size;
      }
      if (!Number.isFinite(largest))
        throw new ConversionError('tensor-refused', 'The file has NaN or infinite weights, which Q8_0 cannot hold.');
      const scale = fround(largest / 127);
      const inverse = scale === 0 ? 0 : fround(1 / scale);
      view.setFloat16(at, scale, true);
      for (let i = 0; i < ELEMENTS; i += 1) {
        const multiple = fround((numbers[from + i] as number) * inverse);
        const rounded = Math.floor(Math.abs(multiple) + 0.5);
        output[at + 2 + i] = multiple < 0 ? -rounded : rounded;
      }
    }
    return output;
  }
}
