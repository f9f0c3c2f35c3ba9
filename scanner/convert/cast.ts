import { DTYPE_BYTES, type Dtype } from '../tensors/index.ts';
import { FLOAT_FORMATS, type FloatFormat, floatTable, largestFinite, type TargetDtype } from './float-formats.ts';

type Encode = (bits: number) => number;
type Convert = (input: Uint8Array, output: Buffer) => void;

/** A table from the bits of one small format to those of another, and which of its entries stand for numbers too large. */
interface Recoding {
  table: Uint32Array;
  beyond: Uint8Array | null;
}

/** By both types: collections of small files would spend most of their time on making these. */
const recodings = new Map<string, Recoding>();

/**
 * Turns numbers of one floating-point type into another, rounding to the nearest, and to the even one of two that are
 * equally near. A finite number beyond the largest of the target becomes that largest one, and is counted; torch makes
 * infinity of most, and one such weight turns whole pictures black. Infinity stays infinity, and is the largest number
 * where the target has none (E4M3), as in torch. NaN stays NaN.
 */
export class NumberCast {
  /** Numbers so far that were too large for the target. */
  saturated = 0;
  /** How many of the doubles and singles so far were NaN; those of narrower types are not counted. */
  notNumbers = 0;
  readonly from: Dtype;
  readonly to: TargetDtype;
  readonly #convert: Convert;
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

  #makeConverter(): Convert {
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
    if (this.to === 'F16') return this.from === 'F32' ? float32ToFloat16(encode) : float64ToFloat16(encode);
    if (this.to === 'BF16' && this.from === 'F64') return float64ToBfloat16(encode);
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

  #recode(source: FloatFormat, target: FloatFormat): Recoding {
    const key = `${this.from} ${this.to}`;
    const recoding = recodings.get(key) ?? this.#makeRecoding(source, target);
    recodings.set(key, recoding);
    return recoding;
  }

  #makeRecoding(source: FloatFormat, target: FloatFormat): Recoding {
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
    this.notNumbers = 0;
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
      if (magnitude > 0x7f800000) {
        this.notNumbers += 1;
        return signed | notANumber;
      }
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
      const value = from[i] as number;
      to[i] = value;
      if (Math.abs(value) < BEYOND_SINGLE) continue;
      if (Number.isNaN(value)) this.notNumbers += 1;
      else if (Number.isFinite(value)) {
        to[i] = Math.sign(value) * LARGEST_SINGLE;
        this.saturated += 1;
      }
    }
  }
}

/** From here on a number is not rounded to a finite half. */
const BEYOND_HALF = 65_520;

/**
 * A typed array rounds to halves itself, and takes all numbers at once several times as fast as a loop does. What is too
 * large for one, and NaN with its sign, go the long way.
 */
function float32ToFloat16(encode: Encode): Convert {
  return (input, output) => {
    const from = new Float32Array(input.buffer, input.byteOffset, input.length / 4);
    const bits = new Uint32Array(input.buffer, input.byteOffset, from.length);
    const to = new Float16Array(output.buffer, output.byteOffset, from.length);
    const units = new Uint16Array(output.buffer, output.byteOffset, from.length);
    to.set(from);
    for (let i = 0; i < from.length; i += 1) {
      if (!(Math.abs(from[i] as number) < BEYOND_HALF)) units[i] = encode(bits[i] as number);
    }
  };
}

function float64ToFloat16(encode: Encode): Convert {
  return (input, output) => {
    const from = new Float64Array(input.buffer, input.byteOffset, input.length / 8);
    const to = new Float16Array(output.buffer, output.byteOffset, from.length);
    const units = new Uint16Array(output.buffer, output.byteOffset, from.length);
    to.set(from);
    for (let i = 0; i < from.length; i += 1) {
      const value = from[i] as number;
      if (!(Math.abs(value) < BEYOND_HALF)) units[i] = encode(roundToOdd(value));
    }
  };
}

/** Numbers that stay in the processor's cache between the two steps. */
const STEP = 16 * 1024;

/**
 * By way of singles. Rounding twice goes wrong only where the first result is a tie of the second: those go the long way,
 * and so does what is not finite afterwards.
 */
function float64ToBfloat16(encode: Encode): Convert {
  const singles = new Float32Array(STEP);
  const bits = new Uint32Array(singles.buffer);
  return (input, output) => {
    const from = new Float64Array(input.buffer, input.byteOffset, input.length / 8);
    const to = new Uint16Array(output.buffer, output.byteOffset, from.length);
    for (let start = 0; start < from.length; start += STEP) {
      const count = Math.min(STEP, from.length - start);
      singles.set(from.subarray(start, start + count));
      for (let i = 0; i < count; i += 1) {
        const single = bits[i] as number;
        to[start + i] =
          (single & 0xffff) === 0x8000 || (single & 0x7fffffff) >= 0x7f7f8000
            ? encode(roundToOdd(from[start + i] as number))
            : (single + 0x7fff + ((single >>> 16) & 1)) >>> 16;
      }
    }
  };
}

const LARGEST_SINGLE = (2 - 2 ** -23) * 2 ** 127;
/** From here on a double is not rounded to a finite single. */
const BEYOND_SINGLE = (2 - 2 ** -24) * 2 ** 127;
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
