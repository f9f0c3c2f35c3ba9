import { ElementReader, FLOAT_FORMATS, floatTable } from '../convert/index.ts';
import type { FileSource } from '../source.ts';
import { DTYPE_BYTES, type Dtype, rowMajorStride, type Tensor } from '../tensors/index.ts';
import { NumberStream } from './number-stream.ts';

/** Numbers of one type as doubles, `at` an index of `into`. */
export type Decode = (bytes: Uint8Array, into: Float64Array, at: number) => void;

/** Reads tensors of one file as numbers, whatever type they are stored in. */
export class NumberReader implements AsyncDisposable {
  readonly elements: ElementReader;
  readonly #decoders = new Map<Dtype, Decode>();

  private constructor(elements: ElementReader) {
    this.elements = elements;
  }

  static async open(source: FileSource): Promise<NumberReader> {
    return new NumberReader(await ElementReader.open(source));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.elements[Symbol.asyncDispose]();
  }

  /** All numbers of a tensor, row-major. Throws TypeError for complex ones and scales, which are no plain numbers. */
  async read(tensor: Tensor): Promise<Float64Array> {
    const numbers = new Float64Array(countOf(tensor.shape));
    const decode = this.#decoderOf(tensor.dtype);
    let at = 0;
    for await (const block of this.elements.read({ name: tensor.name, dtype: tensor.dtype, source: tensor })) {
      decode(block, numbers, at);
      at += block.length / DTYPE_BYTES[tensor.dtype];
    }
    return numbers;
  }

  /** The same numbers from the first to the last, a few at a time. Must be closed. */
  stream(tensor: Tensor): NumberStream {
    const { name, dtype } = tensor;
    const blocks = this.elements.read({ name, dtype, source: tensor });
    return new NumberStream(blocks, this.#decoderOf(dtype), DTYPE_BYTES[dtype]);
  }

  /** Rows `[from, from + count)` along the first dimension; a scalar has one. */
  async readRows(tensor: Tensor, from: number, count: number): Promise<Float64Array> {
    const { shape, storage } = tensor;
    if (shape.length === 0) return await this.read(tensor);
    const offset = storage.offset + from * (storage.stride[0] ?? 0);
    return await this.read({ ...tensor, shape: [count, ...shape.slice(1)], storage: { ...storage, offset } });
  }

  #decoderOf(dtype: Dtype): Decode {
    const decode = this.#decoders.get(dtype) ?? makeDecoder(dtype);
    this.#decoders.set(dtype, decode);
    return decode;
  }
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function isRowMajor({ shape, storage }: Tensor): boolean {
  const stride = rowMajorStride(shape);
  return shape.every((size, axis) => size === 1 || storage.stride[axis] === stride[axis]);
}

/** Whether numbers of this type can be reckoned with and written again. */
export function isFloat(dtype: Dtype): boolean {
  return dtype === 'F32' || dtype === 'F64' || FLOAT_FORMATS.has(dtype);
}

function makeDecoder(dtype: Dtype): Decode {
  const view = VIEWS[dtype];
  // A typed array takes the numbers of another several times as fast as a loop does.
  if (view !== undefined) return (bytes, into, at) => into.set(view(bytes.buffer, bytes.byteOffset, bytes.length), at);
  const format = FLOAT_FORMATS.get(dtype);
  if (format === undefined) throw new TypeError(`${dtype} is no type to reckon with`);
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
