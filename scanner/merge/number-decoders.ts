import { FLOAT_FORMATS, floatTable } from '../convert/index.ts';
import type { Dtype } from '../tensors/index.ts';

/** Numbers of one type as doubles, `at` an index of `into`. */
export type Decode = (bytes: Uint8Array, into: Float64Array, at: number) => void;

/** Whether numbers of this type can be computed with and written again. */
export function isFloat(dtype: Dtype): boolean {
  return dtype === 'F32' || dtype === 'F64' || FLOAT_FORMATS.has(dtype);
}

/** Throws TypeError for a type that holds no plain numbers. */
export function makeDecoder(dtype: Dtype): Decode {
  const view = VIEWS[dtype];
  // A typed array takes the numbers of another several times as fast as a loop does.
  if (view !== undefined) return (bytes, into, at) => into.set(view(bytes.buffer, bytes.byteOffset, bytes.length), at);
  const format = FLOAT_FORMATS.get(dtype);
  if (format === undefined) throw new TypeError(`${dtype} is not a numeric type`);
  // Singles hold every number of so few digits, and their table stays in the processor's cache.
  const table = Float32Array.from(floatTable(format));
  return format.bytes === 1 ? makeByteDecoder(table) : makeUnitDecoder(table);
}

function makeUnitDecoder(table: Float32Array): Decode {
  return (bytes, into, at) => {
    const units = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    for (let i = 0; i < units.length; i += 1) into[at + i] = table[units[i] as number] as number;
  };
}

function makeByteDecoder(table: Float32Array): Decode {
  return (bytes, into, at) => {
    for (let i = 0; i < bytes.length; i += 1) into[at + i] = table[bytes[i] as number] as number;
  };
}

const VIEWS: Partial<Record<Dtype, (buffer: ArrayBufferLike, offset: number, bytes: number) => ArrayLike<number>>> = {
  F32: (buffer, offset, bytes) => new Float32Array(buffer, offset, bytes / 4),
  F64: (buffer, offset, bytes) => new Float64Array(buffer, offset, bytes / 8),
  F16: (buffer, offset, bytes) => new Float16Array(buffer, offset, bytes / 2),
  I32: (buffer, offset, bytes) => new Int32Array(buffer, offset, bytes / 4),
  I16: (buffer, offset, bytes) => new Int16Array(buffer, offset, bytes / 2),
  I8: (buffer, offset, bytes) => new Int8Array(buffer, offset, bytes),
  U8: (buffer, offset, bytes) => new Uint8Array(buffer, offset, bytes),
  BOOL: (buffer, offset, bytes) => new Uint8Array(buffer, offset, bytes),
  I64: (buffer, offset, bytes) => Array.from(new BigInt64Array(buffer, offset, bytes / 8), Number),
};
