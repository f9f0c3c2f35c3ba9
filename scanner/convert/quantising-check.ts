import { GGUF_BLOCKS } from '../tensors/index.ts';
import type { NumbersOf, RoundingCheck } from './rounding-check.ts';

const { elements: ELEMENTS, bytes: BYTES } = GGUF_BLOCKS.Q8_0;
/** What singles lose in the two divisions and the product that a multiple comes of. */
const SLACK = 1 + 2 ** -20;

/**
 * Checks blocks of Q8_0 with none of the arithmetic that made them: the scale is the nearest half to 1/127 of the largest
 * number of the block, and every number lies within half a step of its multiple, of the scale before it was rounded.
 */
export function makeQuantisingCheck(readNumbers: NumbersOf): RoundingCheck {
  return (source, written) => {
    const numbers = Float64Array.from(readNumbers(source));
    const view = new DataView(written.buffer, written.byteOffset, written.byteLength);
    for (let block = 0; block * BYTES < written.length; block += 1) {
      const own = numbers.subarray(block * ELEMENTS, (block + 1) * ELEMENTS);
      const step = own.reduce((largest, number) => Math.max(largest, Math.abs(number)), 0) / 127;
      if (view.getFloat16(block * BYTES, true) !== Math.f16round(Math.fround(step))) return block * ELEMENTS;
      const wrong = own.findIndex((number, i) => {
        const multiple = view.getInt8(block * BYTES + 2 + i);
        return !(Math.abs(multiple * step - number) <= (step / 2) * SLACK * (1 + Math.abs(multiple) * 2 ** -20));
      });
      if (wrong >= 0) return block * ELEMENTS + wrong;
    }
    return -1;
  };
}
