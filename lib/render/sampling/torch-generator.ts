import { RenderError } from '../types.ts';
import { MersenneTwister } from './mersenne-twister.ts';

/** Numbers that are made together: eight radii and eight angles. */
const BLOCK = 16;
const HALF = BLOCK / 2;
const { fround } = Math;
const TWO_PI = fround(2 * Math.PI);

/**
 * Normal noise as PyTorch's CPU generator makes it: `torch.Generator('cpu').manual_seed(seed)` and then
 * `torch.randn(count, dtype=torch.float32)` once for every call of `randn`, to 1e-6 absolute. The last bits depend on the
 * processor in PyTorch too, whose logarithm, sine and cosine are other ones with and without AVX2.
 * Source: PyTorch, ATen `DistributionTemplates.h` and `DistributionsHelper.h`.
 */
export class TorchGenerator {
  readonly #twister: MersenneTwister;
  /** The sine half of a pair whose cosine half was the last number of a short call. */
  #kept: number | null = null;

  /**
   * `seed` is a whole number from 0 to 2^53 - 1, of which PyTorch uses the low 32 bits.
   * Throws RenderError `bad_request` for any other.
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed) || seed < 0) {
      throw new RenderError('bad_request', `The seed must be a whole number from 0 to 9007199254740991, not ${seed}.`);
    }
    this.#twister = new MersenneTwister(seed % 2 ** 32);
  }

  /** `count` numbers of mean 0 and deviation 1. How a series is divided into calls changes what comes, as in PyTorch. */
  randn(count: number): Float32Array<ArrayBuffer> {
    const values = new Float32Array(count);
    if (count < BLOCK) {
      for (let i = 0; i < count; i += 1) values[i] = this.#one();
      return values;
    }
    this.#fillUniform(values);
    for (let at = 0; at + BLOCK <= count; at += BLOCK) makeNormal(values.subarray(at, at + BLOCK));
    if (count % BLOCK !== 0) {
      // The last block laps over the one before and is drawn again as a whole.
      const last = values.subarray(count - BLOCK);
      this.#fillUniform(last);
      makeNormal(last);
    }
    return values;
  }

  /** Uniform numbers of 24 bits, from 0 to below 1. */
  #fillUniform(values: Float32Array): void {
    for (let i = 0; i < values.length; i += 1) values[i] = (this.#twister.next() & 0xffffff) / 2 ** 24;
  }

  /** A uniform number of 53 bits, from 0 to below 1. */
  #uniform53(): number {
    const high = this.#twister.next() & 0x1fffff;
    return (high * 2 ** 32 + this.#twister.next()) / 2 ** 53;
  }

  #one(): number {
    const kept = this.#kept;
    if (kept !== null) {
      this.#kept = null;
      return kept;
    }
    const angle = 2 * Math.PI * this.#uniform53();
    const radius = Math.sqrt(-2 * Math.log1p(-this.#uniform53()));
    this.#kept = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** Box and Muller's transform of 16 uniform numbers in place: the first eight give radii, the others angles. */
function makeNormal(block: Float32Array): void {
  for (let i = 0; i < HALF; i += 1) {
    const radius = fround(Math.sqrt(fround(-2 * fround(Math.log(1 - (block[i] ?? 0))))));
    const angle = fround(TWO_PI * (block[i + HALF] ?? 0));
    block[i] = radius * fround(Math.cos(angle));
    block[i + HALF] = radius * fround(Math.sin(angle));
  }
}
