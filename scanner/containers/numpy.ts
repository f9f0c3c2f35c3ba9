import { numpyElementBytes } from '../pickle/index.ts';
import type { ByteSource } from '../source.ts';
import { MalformedContainer } from './errors.ts';
import { type PythonLiteral, parsePythonLiteral } from './python-literal.ts';

export interface NumpyArray {
  /** Offset of the first byte behind the header. */
  dataStart: number;
  /** Offset behind the last number. Null where the elements are Python objects, or may be, which stand there as a pickle. */
  dataEnd: number | null;
}

const MAX_HEADER_BYTES = 1024 * 1024;

/** Reads the header of a `.npy` file (NumPy `numpy/lib/format.py`). Throws MalformedContainer. */
export function readNumpyHeader(source: ByteSource): NumpyArray {
  const prefix = source.read(0, 12);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  if (prefix.length < 12) throw new MalformedContainer('The array is truncated. Probably an incomplete download.');
  const wide = (prefix[6] ?? 0) >= 2;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = wide ? 12 : 10;
  const header = source.read(start, Math.min(length, MAX_HEADER_BYTES));
  const entries = parsePythonLiteral(Buffer.from(header).toString('latin1'));
  const shape = entries instanceof Map && entries.has('fortran_order') ? entries.get('shape') : undefined;
  if (header.length < length || !(entries instanceof Map) || !entries.has('descr') || !isShape(shape))
    throw new MalformedContainer('The header of the array is invalid.');
  const dataStart = start + length;
  const bytes = elementBytes(entries.get('descr'));
  if (bytes === null) return { dataStart, dataEnd: null };
  const dataEnd = dataStart + bytes * countElements(shape);
  if (dataEnd > source.size) throw new MalformedContainer('The array is truncated. Probably an incomplete download.');
  return { dataStart, dataEnd };
}

/**
 * Bytes of one element that holds no Python object. Null for whatever may: there are more spellings of those than NumPy
 * writes.
 */
function elementBytes(descr: PythonLiteral | undefined): number | null {
  if (typeof descr === 'string') return numpyElementBytes(descr);
  if (!Array.isArray(descr) || descr.length === 0) return null;
  let sum = 0;
  for (const field of descr) {
    const [, type, repeated = []] = Array.isArray(field) ? field : [];
    const bytes = elementBytes(type);
    if (bytes === null || !isShape(repeated)) return null;
    sum += bytes * countElements(repeated);
  }
  return sum;
}

function isShape(value: PythonLiteral | undefined): value is number[] {
  return Array.isArray(value) && value.every((size) => typeof size === 'number' && size >= 0);
}

function countElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
