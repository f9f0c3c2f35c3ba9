import type { Dtype } from '../tensors/index.ts';

/** The types that `--dtype` may ask for, by their name in a header. */
export type TargetDtype = 'F32' | 'F16' | 'BF16' | 'F8_E4M3';

/** A binary floating-point format of at most 16 bits. */
export interface FloatFormat {
  bytes: 1 | 2;
  exponentBits: number;
  mantissaBits: number;
  bias: number;
  /**
   * `ieee`: the highest exponent is for infinity and NaN. `finite`: no infinity, NaN is all ones behind the sign
   * (OCP E4M3). `unsigned-zero`: no infinity, and NaN is where minus zero would be (the `FNUZ` types).
   */
  special: 'ieee' | 'finite' | 'unsigned-zero';
}

/** OCP 8-bit floating point 1.0, IEEE 754 binary16, bfloat16, and the FNUZ types of ONNX and PyTorch. */
export const FLOAT_FORMATS: ReadonlyMap<Dtype, FloatFormat> = new Map<Dtype, FloatFormat>([
  ['F16', { bytes: 2, exponentBits: 5, mantissaBits: 10, bias: 15, special: 'ieee' }],
  ['BF16', { bytes: 2, exponentBits: 8, mantissaBits: 7, bias: 127, special: 'ieee' }],
  ['F8_E5M2', { bytes: 1, exponentBits: 5, mantissaBits: 2, bias: 15, special: 'ieee' }],
  ['F8_E4M3', { bytes: 1, exponentBits: 4, mantissaBits: 3, bias: 7, special: 'finite' }],
  ['F8_E4M3FNUZ', { bytes: 1, exponentBits: 4, mantissaBits: 3, bias: 8, special: 'unsigned-zero' }],
  ['F8_E5M2FNUZ', { bytes: 1, exponentBits: 5, mantissaBits: 2, bias: 16, special: 'unsigned-zero' }],
]);

/** Whether `--dtype` changes this type. Integers stay, and so do `F8_E8M0` (scales of other tensors) and complex numbers. */
export function isCastable(dtype: Dtype): boolean {
  return dtype === 'F64' || dtype === 'F32' || FLOAT_FORMATS.has(dtype);
}

/** The number that these bits stand for. NaN has no sign or payload here. */
export function decodeFloat(bits: number, format: FloatFormat): number {
  const { exponentBits, mantissaBits, bias, special } = format;
  const signBit = 1 << (exponentBits + mantissaBits);
  const magnitude = bits & (signBit - 1);
  const sign = (bits & signBit) === 0 ? 1 : -1;
  const exponent = magnitude >> mantissaBits;
  const mantissa = magnitude & ((1 << mantissaBits) - 1);
  const highest = (1 << exponentBits) - 1;

  if (special === 'ieee' && exponent === highest) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (special === 'finite' && magnitude === signBit - 1) return Number.NaN;
  if (special === 'unsigned-zero' && bits === signBit) return Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - mantissaBits);
  return sign * (2 ** mantissaBits + mantissa) * 2 ** (exponent - bias - mantissaBits);
}

/** The bits of the largest finite number, without sign. */
export function largestFinite({ exponentBits, mantissaBits, special }: FloatFormat): number {
  if (special === 'ieee') return (((1 << exponentBits) - 1) << mantissaBits) - 1;
  const all = (1 << (exponentBits + mantissaBits)) - 1;
  return special === 'finite' ? all - 1 : all;
}

const tables = new WeakMap<FloatFormat, Float64Array>();

/** Every number of a format by its bits. One table for all who ask: not to be written to. */
export function floatTable(format: FloatFormat): Float64Array {
  let table = tables.get(format);
  if (table === undefined) {
    table = new Float64Array(1 << (8 * format.bytes));
    for (let bits = 0; bits < table.length; bits += 1) table[bits] = decodeFloat(bits, format);
    tables.set(format, table);
  }
  return table;
}
