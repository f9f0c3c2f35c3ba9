import type { ByteSource } from '../source.ts';
import { MalformedContainer } from './errors.ts';

export interface NumpyArray {
  /** Offset of the first byte behind the header. */
  dataStart: number;
  /** True where the elements are Python objects, which stand in the file as a pickle. */
  holdsObjects: boolean;
}

const MAX_HEADER_BYTES = 1024 * 1024;

/** Reads the header of a `.npy` file (NumPy `numpy/lib/format.py`). Throws MalformedContainer. */
export function readNumpyHeader(source: ByteSource): NumpyArray {
  const prefix = source.read(0, 12);
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  if (prefix.length < 12) throw new MalformedContainer('The array is cut off. Probably a broken download.');
  const wide = (prefix[6] ?? 0) >= 2;
  const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = wide ? 12 : 10;
  const header = source.read(start, Math.min(length, MAX_HEADER_BYTES));
  const text = Buffer.from(header).toString('latin1');
  if (header.length < length || !/^\s*\{/.test(text) || !/'descr'/.test(text)) {
    throw new MalformedContainer('The header of the array cannot be read.');
  }
  const descr = /'descr'\s*:\s*('[^']*'|\[[\s\S]*?\])/.exec(text)?.[1] ?? '';
  return { dataStart: start + length, holdsObjects: /'[|<>=]?O\d*'/.test(descr) };
}
