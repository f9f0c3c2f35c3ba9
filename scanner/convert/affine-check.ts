import { DTYPE_BYTES, type Dtype } from '../tensors/index.ts';
import type { QuantisedTensor } from './affine-cast.ts';
import type { TargetDtype } from './float-formats.ts';
import { makeQuantisingCheck } from './quantising-check.ts';
import { makeRoundingCheck, type NumbersOf, type RoundingCheck } from './rounding-check.ts';

/**
 * Checks what came of one tensor of torch's quantized numbers, with none of the code that made it. Takes the elements from
 * the first to the last.
 */
export function makeAffineCheck(tensor: QuantisedTensor, to: Dtype): RoundingCheck {
  const numbersOf = makeAffineNumbers(tensor);
  if (to === 'Q8_0') return makeQuantisingCheck(numbersOf);
  const round = to === 'F32' ? null : makeRoundingCheck('F32', to as TargetDtype);
  return (source, written) => {
    const expected = numbersOf(source);
    if (round !== null) return round(new Uint8Array(expected.buffer), written);
    const results = new Float32Array(written.buffer, written.byteOffset, written.length / DTYPE_BYTES.F32);
    return expected.findIndex((number, i) => !Object.is(number, results[i]));
  };
}

/** What the numbers stand for: the channel of each is found by its index. */
function makeAffineNumbers({ dtype, shape, quantiser }: QuantisedTensor): NumbersOf {
  const { scheme, axis, scales, zeroPoints } = quantiser;
  const width = DTYPE_BYTES[dtype];
  const behind = shape.slice(axis + 1).reduce((product, size) => product * size, 1);
  const single = new Float32Array(2);
  let first = 0;
  return (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const numbers = new Float32Array(bytes.length / width);
    for (let i = 0; i < numbers.length; i += 1) {
      const whole =
        dtype === 'QUINT8' ? view.getUint8(i) : dtype === 'QINT8' ? view.getInt8(i) : view.getInt32(i * width, true);
      const channel = scheme === 'tensor' ? 0 : Math.floor((first + i) / behind) % (shape[axis] ?? 1);
      const scale = scales[channel] ?? Number.NaN;
      const zero = zeroPoints[channel] ?? Number.NaN;
      if (scheme === 'tensor') {
        // Both factors as singles, and the difference as torch's 32 bits hold it.
        single[0] = Number(BigInt.asIntN(32, BigInt(whole) - BigInt(zero)));
        single[1] = scale;
        numbers[i] = (single[0] as number) * (single[1] as number);
      } else {
        single[0] = whole;
        single[1] = zero;
        single[0] = (single[0] as number) - (single[1] as number);
        numbers[i] = (single[0] as number) * scale;
      }
    }
    first += numbers.length;
    return numbers;
  };
}
