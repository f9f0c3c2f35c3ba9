import { DTYPE_BYTES, type Dtype } from '#scanner/tensors/index.ts';
import type { Fill, LayoutTensor } from '../layouts/index.ts';

/** Numbers a file can be filled with without being told them. */
export type TensorDtype = 'F16' | 'BF16' | 'F32' | 'F64' | 'I64' | 'I32' | 'U8' | 'BOOL';

/** A tensor to write: its bytes, little-endian and row-major, or what to fill it with. */
export interface TensorSpec {
  name: string;
  dtype: TensorDtype;
  shape: readonly number[];
  /** `random` where left out. */
  data?: Fill | Uint8Array;
}

/** A layout as tensors to write, all of one dtype but those that have their own. */
export function specsOf(layout: readonly LayoutTensor[], dtype: TensorDtype): TensorSpec[] {
  return layout.map((tensor) => ({
    name: tensor.name,
    shape: tensor.shape,
    dtype: tensor.dtype ?? dtype,
    data: tensor.fill ?? 'random',
  }));
}

export function elementsOf({ shape }: Pick<TensorSpec, 'shape'>): number {
  return shape.reduce((product, side) => product * side, 1);
}

export function bytesOf(tensor: Pick<TensorSpec, 'shape' | 'dtype'>): number {
  return elementsOf(tensor) * DTYPE_BYTES[tensor.dtype satisfies Dtype];
}

/** Bytes handed out at once. */
export const BLOCK_BYTES = 1024 * 1024;

/** The bytes of tensors, a block at a time, the same for the same seed. A block is valid until the next one is asked for. */
export class TensorData {
  readonly #seed: number;
  readonly #noise: Partial<Record<TensorDtype, Uint32Array>> = {};
  readonly #block = new Uint32Array(BLOCK_BYTES / 4);

  constructor(seed: number) {
    this.#seed = seed;
  }

  *blocksOf(tensor: TensorSpec): Generator<Uint8Array> {
    const size = bytesOf(tensor);
    const { data = 'random' } = tensor;
    if (typeof data === 'string' && (data === 'random' || data === 'zeros')) {
      let word = hashText(tensor.name) ^ this.#seed;
      for (let start = 0; start < size; start += BLOCK_BYTES) {
        word = (Math.imul(word, 1_664_525) + 1_013_904_223) | 0;
        const wanted = Math.min(BLOCK_BYTES, size - start);
        const words = this.#block.subarray(0, Math.ceil(wanted / 4));
        if (data === 'random') this.#fillRandom(tensor.dtype, word, words);
        else words.fill(0);
        yield new Uint8Array(this.#block.buffer, 0, wanted);
      }
      return;
    }
    const bytes =
      data instanceof Uint8Array ? data : encodeNumbers(tensor.dtype, listNumbers(data, elementsOf(tensor)));
    if (bytes.length !== size) {
      throw new RangeError(`Tensor "${tensor.name}" takes ${size} bytes and was given ${bytes.length}.`);
    }
    if (size > 0) yield bytes;
  }

  /** One block of noise is made once; each block after it is that one with `word` over the bits of the fraction. */
  #fillRandom(dtype: TensorDtype, word: number, words: Uint32Array): void {
    const noise = this.#noise[dtype] ?? makeNoise(dtype, this.#seed);
    this.#noise[dtype] = noise;
    const mask = FRACTION[dtype];
    const flip = word & mask;
    for (let index = 0; index < words.length; index += 1) words[index] = (noise[index] ?? 0) ^ flip;
  }
}

/** Fraction bits of the numbers in 32 bits: changing them keeps a number finite and its size. */
const FRACTION: Record<TensorDtype, number> = {
  F16: 0x03ff_03ff,
  BF16: 0x007f_007f,
  F32: 0x007f_ffff,
  F64: 0x000f_ffff,
  I64: 0,
  I32: 0x0000_00ff,
  U8: -1,
  BOOL: 0,
};

/** Spread of the numbers, near that of trained weights. */
const SPREAD = 0.03;

function makeNoise(dtype: TensorDtype, seed: number): Uint32Array {
  const next = xoshiro128(seed);
  const noise = new Uint32Array(BLOCK_BYTES / 4);
  const whole = dtype === 'I64' || dtype === 'I32' || dtype === 'U8' || dtype === 'BOOL';
  const limit = dtype === 'BOOL' ? 2 : 256;
  const count = BLOCK_BYTES / DTYPE_BYTES[dtype];
  const numbers = Array.from({ length: count }, () =>
    whole ? next() % limit : (next() / 0x8000_0000 - 1) * SPREAD * Math.sqrt(3),
  );
  noise.set(new Uint32Array(encodeNumbers(dtype, numbers).slice().buffer));
  return noise;
}

/** xoshiro128** of Blackman and Vigna: 32 random bits a call. */
export function xoshiro128(seed: number): () => number {
  let state = seed | 0;
  const mix = () => {
    state = (state + 0x9e37_79b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x85eb_ca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2_ae35);
    return word ^ (word >>> 16);
  };
  let [a, b, c, d] = [mix(), mix(), mix(), mix()];
  return () => {
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
}

function listNumbers(fill: Exclude<Fill, 'random' | 'zeros'>, count: number): readonly number[] {
  if (fill === 'ones') return new Array<number>(count).fill(1);
  if (fill === 'range') return Array.from({ length: count }, (_, index) => index);
  return fill;
}

/** The little-endian bytes of numbers. */
export function encodeNumbers(dtype: TensorDtype, numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(numbers.length * DTYPE_BYTES[dtype]);
  const view = new DataView(bytes.buffer);
  const write = WRITERS[dtype];
  for (const [index, number] of numbers.entries()) write(view, index, number);
  return bytes;
}

const WRITERS: Record<TensorDtype, (view: DataView, index: number, number: number) => void> = {
  F16: (view, index, number) => view.setFloat16(index * 2, number, true),
  // The upper half of a float, cut off: near enough for numbers nobody chose.
  BF16: (view, index, number) => view.setUint16(index * 2, floatBits(number) >>> 16, true),
  F32: (view, index, number) => view.setFloat32(index * 4, number, true),
  F64: (view, index, number) => view.setFloat64(index * 8, number, true),
  I64: (view, index, number) => view.setBigInt64(index * 8, BigInt(Math.trunc(number)), true),
  I32: (view, index, number) => view.setInt32(index * 4, number, true),
  U8: (view, index, number) => view.setUint8(index, number),
  BOOL: (view, index, number) => view.setUint8(index, number === 0 ? 0 : 1),
};

const scratch = new DataView(new ArrayBuffer(4));
function floatBits(number: number): number {
  scratch.setFloat32(0, number);
  return scratch.getUint32(0);
}

/** 32-bit FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c_9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return hash;
}
