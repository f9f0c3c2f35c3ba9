import { FileOutput } from './file-output.ts';
import { bytesOf, TensorData, type TensorDtype, type TensorSpec } from './tensor-data.ts';

/** The order of the safetensors library: widest numbers first (`Dtype` in `tensor.rs`, downwards), then by name. */
const DTYPE_ORDER: readonly TensorDtype[] = ['I64', 'F64', 'F32', 'I32', 'BF16', 'F16', 'U8', 'BOOL'];

export interface SafetensorsOptions {
  tensors: readonly TensorSpec[];
  /** `__metadata__` of the header. */
  metadata?: Readonly<Record<string, string>>;
  /** Of the random numbers. */
  seed?: number;
}

/** Writes a safetensors file as the library does, header padded with spaces so that the data starts 8-aligned. */
export function writeSafetensorsFile(path: string, { tensors, metadata, seed = 1 }: SafetensorsOptions): void {
  const rank = (tensor: TensorSpec) => DTYPE_ORDER.indexOf(tensor.dtype);
  const ordered = [...tensors].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));

  const header = new Map<string, unknown>(metadata === undefined ? [] : [['__metadata__', metadata]]);
  let end = 0;
  for (const tensor of ordered) {
    const begin = end;
    end += bytesOf(tensor);
    header.set(tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data_offsets: [begin, end] });
  }
  const json = Buffer.from(
    `{${[...header].map((entry) => entry.map((part) => JSON.stringify(part)).join(':')).join(',')}}`,
  );
  const padding = Buffer.alloc((8 - (json.length % 8)) % 8, ' ');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length + padding.length));

  using file = new FileOutput(path);
  for (const part of [length, json, padding]) file.write(part);
  const data = new TensorData(seed);
  for (const tensor of ordered) {
    if (tensor.data === 'zeros') file.skipZeros(bytesOf(tensor));
    else for (const block of data.blocksOf(tensor)) file.write(block);
  }
}
