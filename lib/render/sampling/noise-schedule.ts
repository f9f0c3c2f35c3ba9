import { RenderError } from '../types.ts';

/** Timesteps that networks of this family are trained on. */
export const TRAINING_STEPS = 1000;

const FIRST_BETA = 0.00085;
const LAST_BETA = 0.012;
/** In place of zero, of which no sigma can be made: the smallest alpha of A1111 and ComfyUI, a sigma of about 4519. */
const SMALLEST_ALPHA = 4.8973451890853435e-8;
const { fround } = Math;

/**
 * The part of the picture's variance that is left after each timestep of training, from clean to noise, for betas whose
 * square roots go in even steps from √0.00085 to √0.012 ("scaled linear"): `ᾱ[t] = Π (1 - β[i]), i ≤ t`. 1000 numbers,
 * multiplied in double precision and rounded at the end as the original Stable Diffusion code does.
 */
export function makeAlphasCumprod(): Float32Array {
  const first = Math.sqrt(FIRST_BETA);
  const step = (Math.sqrt(LAST_BETA) - first) / (TRAINING_STEPS - 1);
  let product = 1;
  return Float32Array.from({ length: TRAINING_STEPS }, (_, t) => {
    product *= 1 - (first + t * step) ** 2;
    return product;
  });
}

/**
 * Moves and stretches `√ᾱ` so that the last becomes 0 and the first stays: Lin et al., "Common Diffusion Noise Schedules
 * and Sample Steps are Flawed" (arXiv 2305.08891), algorithm 1, in the single precision of its implementations.
 */
export function rescaleZeroTerminalSnr(alphasCumprod: Float32Array): Float32Array {
  const roots = alphasCumprod.map(Math.sqrt);
  const first = roots[0] ?? 1;
  const last = roots.at(-1) ?? 0;
  const stretch = fround(first / fround(first - last));
  return roots.map((root) => fround(fround(root - last) * stretch) ** 2);
}

/** How much noise each timestep stands for, and the way between the two ways to say it. */
export class NoiseSchedule {
  /** `ᾱ`, all above 0 and below 1, falling. */
  readonly alphas: Float32Array;
  /** Deviation of the noise on a picture that is itself not scaled down: `σ = √((1 - ᾱ) / ᾱ)`, rising. */
  readonly sigmas: Float32Array;
  readonly #logSigmas: Float32Array;

  /**
   * `alphasCumprod` is the checkpoint's own table where it has one. With `zeroTerminalSnr` it is rescaled.
   * Throws RenderError `load_mismatch` for a table that is not 1000 numbers falling from below 1 to 0 or above.
   */
  constructor({
    alphasCumprod = makeAlphasCumprod(),
    zeroTerminalSnr = false,
  }: { alphasCumprod?: Float32Array; zeroTerminalSnr?: boolean } = {}) {
    const falls = alphasCumprod.every((alpha, t) => alpha >= 0 && alpha < (alphasCumprod[t - 1] ?? 1));
    if (alphasCumprod.length !== TRAINING_STEPS || !falls) {
      throw new RenderError(
        'load_mismatch',
        'The noise schedule of the checkpoint (alphas_cumprod) is invalid: it must be 1000 numbers that decrease from 1 to 0.',
      );
    }
    this.alphas = zeroTerminalSnr ? rescaleZeroTerminalSnr(alphasCumprod) : alphasCumprod.slice();
    const last = TRAINING_STEPS - 1;
    this.alphas[last] = Math.max(this.alphas[last] ?? 0, SMALLEST_ALPHA);
    this.sigmas = this.alphas.map((alpha) => Math.sqrt(fround(fround(1 - alpha) / alpha)));
    this.#logSigmas = this.sigmas.map(Math.log);
  }

  /** `ᾱ` of a whole timestep. */
  alpha(timestep: number): number {
    return at(this.alphas, timestep);
  }

  /** Sigma of a timestep from 0 to 999; between whole ones the logarithm is interpolated, as k-diffusion does. */
  sigma(timestep: number): number {
    const low = Math.floor(timestep);
    const part = timestep - low;
    const log = (1 - part) * at(this.#logSigmas, low) + part * at(this.#logSigmas, Math.ceil(timestep));
    return fround(Math.exp(log));
  }

  /** The timestep, mostly not a whole one, of a sigma: the reverse of `sigma`; beyond the table it is an end of it. */
  timestep(sigma: number): number {
    const log = fround(Math.log(sigma));
    const above = this.#logSigmas.findIndex((other) => other > log);
    const high = above === -1 ? TRAINING_STEPS - 1 : Math.max(above, 1);
    const low = high - 1;
    const part = (log - at(this.#logSigmas, low)) / (at(this.#logSigmas, high) - at(this.#logSigmas, low));
    return fround(low + Math.min(Math.max(part, 0), 1));
  }
}

function at(table: Float32Array, index: number): number {
  const value = table[index];
  if (value === undefined) throw new RangeError(`There is no timestep ${index}.`);
  return value;
}
