import { ElementReader } from '../convert/index.ts';
import type { FileSource } from '../source.ts';
import { DTYPE_BYTES, type Dtype, rowMajorStride, type Tensor } from '../tensors/index.ts';
import { type Decode, makeDecoder } from './number-decoders.ts';
import { NumberStream } from './number-stream.ts';

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
