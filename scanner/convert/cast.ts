import { DTYPE_BYTES, type Dtype } from '../tensors/index.ts';
import { FLOAT_FORMATS, type FloatFormat, floatTable, largestFinite, type TargetDtype } from './float-formats.ts';

type Encode = (bits: number) => number;

/**
 * Turns numbers of one floating-point type into another, rounding to the nearest, and to the even one of two that are
 * equally near. A finite number beyond the largest of the target becomes that largest one, and is counted; torch makes
 * infinity of most, and one such weight turns whole pictures black. Infinity stays infinity, and is the largest number
 * where the target has none (E4M3), as in torch. NaN stays NaN.
 */
export class NumberCast {
  /** Numbers so far that were too large for the target. */
  saturated = 0;
  readonly from: Dtype;
  readonly to: TargetDtype;
  readonly #convert: (input: Uint8Array, output: Buffer) => void;
  #output = Buffer.alloc(0);

  constructor(from: Dtype, to: TargetDtype) {
    this.from = from;
    this.to = to;
    this.#convert = this.#makeConverter();
  }

  /**
   * The same numbers as `to`. Takes whole elements, little-endian, at an offset that is a multiple of their size. The
   * answer holds until the next call.
   */
  convert(input: Uint8Array): Buffer {
    const bytes = (input.length / DTYPE_BYTES[this.from]) * DTYPE_BYTES[this.to];
    if (bytes > this.#output.length) this.#output = Buffer.allocUnsafeSlow(bytes);
    const output = this.#output.subarray(0, bytes);
    this.#convert(input, output);
    return output;
  }

  #makeConverter(): (input: Uint8Array, output: Buffer) => void {
    const source = FLOAT_FORMATS.get(this.from);
    const target = FLOAT_FORMATS.get(this.to);
    if (source !== undefined) {
      const { table, beyond } = target === undefined ? widen(source) : this.#recode(source, target);
      return (input, output) => {
        const from = units(input, source.bytes);
        const to = units(output, DTYPE_BYTES[this.to]);
        for (let i = 0; i < from.length; i += 1) to[i] = table[from[i] ?? 0] ?? 0;
        if (beyond === null) return;
        let count = 0;
        for (let i = 0; i < from.length; i += 1) count += beyond[from[i] ?? 0] ?? 0;
        this.saturated += count;
      };
    }
    if (target === undefined) return (input, output) => this.#narrowToSingle(input, output);

    const encode = this.#makeEncoder(target);
    if (this.from === 'F32') {
      return (input, output) => {
        const from = units(input, 4);
        const to = units(output, target.bytes);
        for (let i = 0; i < from.length; i += 1) to[i] = encode(from[i] ?? 0);
      };
    }
    return (input, output) => {
      const from = new Float64Array(input.buffer, input.byteOffset, input.length / 8);
      const to = units(output, target.bytes);
      for (let i = 0; i < from.length; i += 1) to[i] = encode(roundToOdd(from[i] ?? 0));
    };
  }

  /** A table from the bits of one small format to those of another, and which entries are too large for it. */
  #recode(source: FloatFormat, target: FloatFormat): { table: Uint32Array; beyond: Uint8Array | null } {
    const encode = this.#makeEncoder(target);
    const wide = widen(source).table;
    const beyond = new Uint8Array(wide.length);
    const table = wide.map((bits, index) => {
      const before = this.saturated;
      const encoded = encode(bits);
      beyond[index] = this.saturated - before;
      return encoded;
    });
    this.saturated = 0;
    return { table, beyond: beyond.includes(1) ? beyond : null };
  }

  /** From the bits of a float32 to those of `format`. */
  #makeEncoder(format: FloatFormat): Encode {
    const { exponentBits, mantissaBits, bias, special } = format;
    const sign = exponentBits + mantissaBits;
    const dropped = 23 - mantissaBits;
    const largest = largestFinite(format);
    const hasInfinity = special === 'ieee';
    const notANumber = hasInfinity ? (largest + 1) | (1 << (mantissaBits - 1)) : (1 << sign) - 1;
    /** Below this float32 the target has fewer digits: its numbers are multiples of `unit`. */
    const smallestNormal = bias === 127 ? 0 : (128 - bias) << 23;
    const perUnit = 2 ** (bias - 1 + mantissaBits);
    const shift = (127 - bias) << mantissaBits;

    return (bits) => {
      const signed = (bits >>> 31) << sign;
      const magnitude = bits & 0x7fffffff;
      if (magnitude > 0x7f800000) return signed | notANumber;
      if (magnitude === 0x7f800000 && hasInfinity) return signed | (largest + 1);
      let rounded: number;
      if (magnitude >= smallestNormal) {
        const even = (magnitude >>> dropped) & 1;
        rounded = ((magnitude + (1 << (dropped - 1)) - 1 + even) >>> dropped) - shift;
      } else {
        SINGLE_BITS[0] = magnitude;
        // Adding and taking away 2^52 rounds a double to a whole number, halves to the even one.
        rounded = (SINGLE[0] ?? 0) * perUnit + 2 ** 52 - 2 ** 52;
      }
      if (rounded > largest) {
        rounded = largest;
        this.saturated += 1;
      }
      return signed | rounded;
    };
  }

  #narrowToSingle(input: Uint8Array, output: Buffer): void {
    const from = new Float64Array(input.buffer, input.byteOffset, input.length / 8);
    const to = new Float32Array(output.buffer, output.byteOffset, from.length);
    for (let i = 0; i < from.length; i += 1) {
      const value = from[i] ?? 0;
      to[i] = value;
      if (Math.abs(to[i] ?? 0) === Number.POSITIVE_INFINITY && Number.isFinite(value)) {
        to[i] = Math.sign(value) * LARGEST_SINGLE;
        this.saturated += 1;
      }
    }
  }
}

const LARGEST_SINGLE = (2 - 2 ** -23) * 2 ** 127;
const SINGLE = new Float32Array(1);
const SINGLE_BITS = new Uint32Array(SINGLE.buffer);

/**
 * The bits of a float32 that rounds on to any narrower type as the double itself would: cut off, with the last bit set
 * where something was lost. Rounding to the nearest twice could go wrong where the first result is a tie of the second.
 */
function roundToOdd(value: number): number {
  SINGLE[0] = value;
  const nearest = SINGLE[0] ?? 0;
  const bits = SINGLE_BITS[0] ?? 0;
  if (nearest === value || Number.isNaN(value)) return bits;
  const towardsZero = Math.abs(nearest) > Math.abs(value) ? bits - 1 : bits;
  return (towardsZero | 1) >>> 0;
}

function widen(source: FloatFormat): { table: Uint32Array; beyond: null } {
  const singles = Float32Array.from(floatTable(source));
  const table = new Uint32Array(singles.buffer);
  const signBit = 1 << (source.exponentBits + source.mantissaBits);
  // The sign of a NaN, which a number cannot show, goes along.
  for (let bits = 0; bits < table.length; bits += 1) {
    if (Number.isNaN(singles[bits])) {
      const signed = source.special !== 'unsigned-zero' && (bits & signBit) !== 0;
      table[bits] = signed ? 0xffc00000 : 0x7fc00000;
    }
  }
  return { table, beyond: null };
}

function units(bytes: Uint8Array, width: number): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return bytes;
  if (width === 2) return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}
