import { DTYPE_BYTES, type Dtype, rowMajorStride, type Tensor } from '../tensors/index.ts';
import { ConversionError } from './errors.ts';
import type { OutputTensor } from './select.ts';

/** One tensor's place in the file to be written. Bytes, counted from the end of the header. */
export interface Placement {
  tensor: OutputTensor;
  begin: number;
  end: number;
}

export interface OutputLayout {
  /** The length field, the JSON and its padding: everything before the first tensor. */
  header: Buffer;
  placements: Placement[];
  /** Bytes of all tensors together. */
  dataBytes: number;
}

/** The order of the `Dtype` enum in the safetensors library (`tensor.rs`), from which writers count down. */
const DTYPE_ORDER: readonly Dtype[] = [
  'BOOL',
  'F4',
  'F6_E2M3',
  'F6_E3M2',
  'U8',
  'I8',
  'F8_E5M2',
  'F8_E4M3',
  'F8_E8M0',
  'F8_E4M3FNUZ',
  'F8_E5M2FNUZ',
  'I16',
  'U16',
  'F16',
  'BF16',
  'I32',
  'U32',
  'F32',
  'C64',
  'F64',
  'I64',
  'U64',
];

/** The largest header that the safetensors library opens. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Lays tensors out as the safetensors library does: dtype descending, so that every tensor is aligned, then name; a
 * header padded with spaces to a multiple of 8. The same tensors and metadata always give the same bytes.
 */
export function planLayout(tensors: readonly OutputTensor[], metadata: ReadonlyMap<string, string>): OutputLayout {
  const sorted = [...tensors].sort(
    (a, b) =>
      DTYPE_ORDER.indexOf(b.dtype) - DTYPE_ORDER.indexOf(a.dtype) ||
      Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );

  const placements: Placement[] = [];
  let position = 0;
  for (const tensor of sorted) {
    const end = position + countElements(tensor.source.shape) * DTYPE_BYTES[tensor.dtype];
    placements.push({ tensor, begin: position, end });
    position = end;
  }
  return { header: writeHeader(placements, metadata), placements, dataBytes: position };
}

/** The header of a file laid out so. Metadata with values of the same lengths give a header of the same length. */
export function writeHeader(placements: readonly Placement[], metadata: ReadonlyMap<string, string>): Buffer {
  const pairs = [...metadata]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  const members = [`"__metadata__":{${pairs.join(',')}}`];
  for (const { tensor, begin, end } of placements) {
    const entry = { dtype: tensor.dtype, shape: tensor.source.shape, data_offsets: [begin, end] };
    members.push(`${JSON.stringify(tensor.name)}:${JSON.stringify(entry)}`);
  }

  const json = Buffer.from(`{${members.join(',')}}`, 'utf8');
  const padded = Math.ceil(json.length / 8) * 8;
  if (padded > MAX_HEADER_BYTES) {
    throw new ConversionError('header-too-large', 'The list of tensors is too long for a safetensors header.');
  }
  const header = Buffer.alloc(8 + padded, ' ');
  header.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(header, 8);
  return header;
}

export function countElements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether the elements already lie one after the other, in the order safetensors wants. */
export function isContiguous({ shape, storage }: Tensor): boolean {
  if (shape.includes(0)) return true;
  const stride = rowMajorStride(shape);
  return shape.every((size, axis) => size === 1 || storage.stride[axis] === stride[axis]);
}
