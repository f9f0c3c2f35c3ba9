import { GGUF_BLOCKS } from '../tensors/index.ts';
import { NumberCast } from './cast.ts';
import { type Dequantise, makeDequantise, type UnpackedType } from './dequantise.ts';
import type { TargetDtype } from './float-formats.ts';

/** Unpacks blocks of GGUF, and rounds what comes of them to a type of safetensors. */
export class BlockCast {
  readonly #from: UnpackedType;
  readonly #dequantise: Dequantise;
  readonly #cast: NumberCast | null;
  #numbers = new Float32Array(0);

  constructor(from: UnpackedType, to: TargetDtype) {
    this.#from = from;
    this.#dequantise = makeDequantise(from);
    this.#cast = to === 'F32' ? null : new NumberCast('F32', to);
  }

  /** Numbers so far that were too large for the target. */
  get saturated(): number {
    return this.#cast?.saturated ?? 0;
  }

  /** The numbers of whole blocks. The answer holds until the next call. */
  convert(input: Uint8Array): Buffer {
    const { elements, bytes } = GGUF_BLOCKS[this.#from];
    const count = (input.length / bytes) * elements;
    if (count > this.#numbers.length) this.#numbers = new Float32Array(count);
    const numbers = this.#numbers.subarray(0, count);
    this.#dequantise(input, numbers);
    const singles = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    return this.#cast === null ? singles : this.#cast.convert(singles);
  }
}
