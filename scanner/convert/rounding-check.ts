import { DTYPE_BYTES, type Dtype } from '../tensors/index.ts';
import { makeBlockNumbers } from './block-numbers.ts';
import { isUnpackable } from './dequantise.ts';
import { FLOAT_FORMATS, floatTable, largestFinite, type TargetDtype } from './float-formats.ts';

/** Gives the index of the first number that is not its source rounded as documented (see `NumberCast`), or -1. */
export type RoundingCheck = (source: Uint8Array, written: Uint8Array) => number;

/**
 * Checks casts with none of the arithmetic that made them: for each result there is an interval of the numbers that
 * must become it, up to half-way to its neighbours, the half-way points included where its last bit is zero.
 */
export function makeRoundingCheck(from: Dtype, to: TargetDtype): RoundingCheck {
  const source = FLOAT_FORMATS.get(from);
  const check = makeIntervalCheck(from, to);
  return source === undefined ? check : makeTableCheck(source.bytes, DTYPE_BYTES[to], check);
}

/**
 * The same for sources of few bits, as fast as a comparison: what passed once is known by its bits from then on, and
 * only what is new is checked.
 */
function makeTableCheck(sourceBytes: 1 | 2, targetBytes: number, check: RoundingCheck): RoundingCheck {
  const passed = new Float64Array(1 << (8 * sourceBytes)).fill(-1);
  return (source, written) => {
    const values = unitsOf(source, sourceBytes);
    const results = unitsOf(written, targetBytes);
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i] ?? 0;
      if (passed[value] === results[i]) continue;
      const one = source.slice(i * sourceBytes, (i + 1) * sourceBytes);
      if (check(one, written.slice(i * targetBytes, (i + 1) * targetBytes)) !== -1) return i;
      passed[value] = results[i] ?? 0;
    }
    return -1;
  };
}

function unitsOf(bytes: Uint8Array, width: number): Uint8Array | Uint16Array | Uint32Array {
  if (width === 1) return bytes;
  if (width === 2) return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function makeIntervalCheck(from: Dtype, to: TargetDtype): RoundingCheck {
  const readNumbers = numbersOf(from);
  const format = FLOAT_FORMATS.get(to);
  if (format === undefined) {
    return (source, written) => {
      const values = readNumbers(source);
      const singles = new Float32Array(written.buffer, written.byteOffset, written.length / 4);
      return values.findIndex((value, i) => !Object.is(singles[i], clampToSingle(value)));
    };
  }

  const table = floatTable(format);
  const signBit = 1 << (format.exponentBits + format.mantissaBits);
  const largest = largestFinite(format);
  const low = new Float64Array(largest + 1);
  const high = new Float64Array(largest + 1);
  for (let bits = 0; bits <= largest; bits += 1) {
    low[bits] = bits === 0 ? 0 : ((table[bits - 1] ?? 0) + (table[bits] ?? 0)) / 2;
    high[bits] = bits === largest ? Number.POSITIVE_INFINITY : ((table[bits + 1] ?? 0) + (table[bits] ?? 0)) / 2;
  }
  const hasInfinity = format.special === 'ieee';

  return (source, written) => {
    const values = readNumbers(source);
    const results =
      format.bytes === 1 ? written : new Uint16Array(written.buffer, written.byteOffset, written.length / 2);
    for (let i = 0; i < values.length; i += 1) {
      const value = values[i] ?? 0;
      const bits = results[i] ?? 0;
      const magnitude = bits & (signBit - 1);
      if (magnitude > largest || Number.isNaN(value) || (hasInfinity && !Number.isFinite(value))) {
        if (Number.isFinite(value) || !Object.is(table[bits], value)) return i;
        continue;
      }
      const size = Math.abs(value);
      const least = low[magnitude] ?? 0;
      const most = high[magnitude] ?? 0;
      const isEven = (magnitude & 1) === 0 || magnitude === largest;
      const isInside = isEven ? size >= least && size <= most : size > least && size < most;
      const isTie = magnitude === largest && (magnitude & 1) === 1 && size === least;
      const isNegative = value < 0 || Object.is(value, -0);
      if (!isInside || isTie || isNegative !== ((bits & signBit) !== 0)) return i;
    }
    return -1;
  };
}

function clampToSingle(value: number): number {
  const single = Math.fround(value);
  if (Math.abs(single) !== Number.POSITIVE_INFINITY || !Number.isFinite(value)) return single;
  return Math.sign(value) * (2 - 2 ** -23) * 2 ** 127;
}

export type NumbersOf = (bytes: Uint8Array) => Float64Array | Float32Array;

/** The numbers of elements as they lie in a file. */
export function numbersOf(dtype: Dtype): NumbersOf {
  if (isUnpackable(dtype)) return makeBlockNumbers(dtype);
  if (dtype === 'F64') return (bytes) => new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8);
  if (dtype === 'F32') return (bytes) => new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const format = FLOAT_FORMATS.get(dtype);
  if (format === undefined) throw new TypeError(`${dtype} is not a floating-point type`);
  const table = floatTable(format);
  return (bytes) => {
    const bits = DTYPE_BYTES[dtype] === 1 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    const numbers = new Float64Array(bits.length);
    for (let i = 0; i < bits.length; i += 1) numbers[i] = table[bits[i] ?? 0] ?? 0;
    return numbers;
  };
}
