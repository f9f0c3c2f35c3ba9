import type { ByteSource } from '../source.ts';
import { DTYPE_BYTES, type Dtype, type Tensor } from './types.ts';

/** More numbers than anyone asks about one by one. */
const MAX_VALUES = 1_000_000;

type ReadValue = (view: DataView, at: number, little: boolean) => number;

const READERS: Partial<Record<Dtype, ReadValue>> = {
  F32: (view, at, little) => view.getFloat32(at, little),
  F64: (view, at, little) => view.getFloat64(at, little),
  I64: (view, at, little) => Number(view.getBigInt64(at, little)),
  I32: (view, at, little) => view.getInt32(at, little),
  F16: (view, at, little) => view.getFloat16(at, little),
  BF16: (view, at, little) => {
    const wide = new DataView(new ArrayBuffer(4));
    wide.setUint16(0, view.getUint16(at, little));
    return wide.getFloat32(0);
  },
};

const FLOATS: ReadonlySet<Dtype> = new Set<Dtype>(['F32', 'F64', 'F16', 'BF16']);

/**
 * The numbers of a small floating-point tensor in row-major order. Null for other types, for more than a million
 * numbers, and where the file ends first.
 */
export function readTensorValues(source: ByteSource, tensor: Tensor): Float32Array | null {
  const values = FLOATS.has(tensor.dtype) ? readNumbers(source, tensor) : null;
  return values === null ? null : Float32Array.from(values);
}

/** The same as doubles, and of whole numbers of 32 and 64 bits as well. */
export function readNumbers(source: ByteSource, { dtype, shape, storage }: Tensor): Float64Array | null {
  const readValue = READERS[dtype];
  const count = shape.reduce((product, size) => product * size, 1);
  if (readValue === undefined || count > MAX_VALUES) return null;

  const values = new Float64Array(count);
  const elementBytes = DTYPE_BYTES[dtype];
  for (let i = 0; i < count; i += 1) {
    let rest = i;
    let element = storage.offset;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const size = shape[axis] ?? 1;
      element += (rest % size) * (storage.stride[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    const bytes = source.read(storage.start + element * elementBytes, elementBytes);
    if (bytes.length < elementBytes) return null;
    values[i] = readValue(new DataView(bytes.buffer, bytes.byteOffset), 0, storage.bigEndian !== true);
  }
  return values;
}
