import { FLOAT_FORMATS, floatTable } from '#scanner/convert/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { RenderError } from '../types.ts';
import type { Weight } from './weight-file.ts';

/** The numbers of one tensor, row by row. Throws RenderError `load_mismatch` for types that hold no plain numbers. */
export function readNumbers({ name, file, dtype, offset, length }: Weight): Float32Array {
  using source = openFileSource(file.path);
  const bytes = source.read(offset, length).slice();
  if (dtype === 'F32') return new Float32Array(bytes.buffer);
  if (dtype === 'F64') return Float32Array.from(new Float64Array(bytes.buffer));
  const format = FLOAT_FORMATS.get(dtype as Parameters<typeof FLOAT_FORMATS.get>[0]);
  if (format === undefined) {
    throw new RenderError('load_mismatch', `The tensor "${name}" is stored as ${dtype}, which is not a numeric type.`);
  }
  const table = floatTable(format);
  const units = format.bytes === 1 ? bytes : new Uint16Array(bytes.buffer);
  return Float32Array.from(units, (unit) => table[unit] ?? Number.NaN);
}
