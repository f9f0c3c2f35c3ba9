import { type PredictionType, RenderError, type Sampler } from '../types.ts';
import { planDdim, planLcm } from './alpha-samplers.ts';
import { NoiseSchedule, TRAINING_STEPS } from './noise-schedule.ts';
import type { Plan, PlanOptions } from './plan.ts';
import { planDpm2m, planDpm2mKarras, planEuler, planEulerAncestral } from './sigma-samplers.ts';

const PLANNERS: Record<Sampler, (options: PlanOptions) => Plan> = {
  Euler: planEuler,
  'Euler a': planEulerAncestral,
  'DPM++ 2M': planDpm2m,
  'DPM++ 2M Karras': planDpm2mKarras,
  DDIM: planDdim,
  LCM: planLcm,
};

export interface SampleOptions {
  sampler: Sampler;
  /** Calls of the network: a whole number from 1 to 1000. */
  steps: number;
  prediction: PredictionType;
  /** Rescales the noise schedule to Lin et al.'s; meant for networks that predict v and were trained so. */
  zeroTerminalSnr?: boolean;
  /** The checkpoint's own `ᾱ`, 1000 numbers, in place of Stable Diffusion's. */
  alphasCumprod?: Float32Array;
  /** Unit noise to begin with, of any shape; it is not changed. */
  latent: Float32Array;
  /** Fresh unit noise for the samplers that add some while they go (Euler a, LCM). */
  noise: (count: number) => Float32Array;
  /**
   * The raw output of the network, guidance applied, for a latent scaled as it wants it and a timestep from 0 to 999 that
   * may be a fraction. It may keep the array it gets; the one it returns is read before the next call. NaN goes through
   * to the result: whoever has a remedy for it looks for it here.
   */
  denoise: (latent: Float32Array, timestep: number) => Promise<Float32Array>;
  /** Called with how many steps are done, from 1 to `steps`. */
  onStep?: (done: number) => void;
  /** Looked at before every step. */
  signal?: AbortSignal;
}

/**
 * Takes the noise off a latent step by step and returns the clean latent, in the network's own scale (what a VAE decodes
 * once it is divided by its scaling factor). The same numbers come of the same input.
 * Throws RenderError `bad_request` for steps that cannot be, `load_mismatch` for an impossible `alphasCumprod`, `cancelled`
 * when the signal is given; RangeError when noise or output have another length than the latent; and what `denoise` throws.
 */
export async function sample(options: SampleOptions): Promise<Float32Array> {
  const { sampler, steps, prediction, zeroTerminalSnr = false, alphasCumprod, denoise, onStep, signal } = options;
  if (!Number.isInteger(steps) || steps < 1 || steps > TRAINING_STEPS) {
    throw new RenderError('bad_request', `Steps must be a whole number from 1 to 1000, not ${steps}.`);
  }
  const { length } = options.latent;
  const schedule = new NoiseSchedule({ zeroTerminalSnr, ...(alphasCumprod && { alphasCumprod }) });
  const drawNoise = () => checkLength(options.noise(length), length, 'noise');
  const plan = PLANNERS[sampler]({ schedule, steps, prediction, zeroTerminalSnr, drawNoise });
  let latent: Float32Array = options.latent.map((value) => value * plan.startScale);
  for (const [index, step] of plan.steps.entries()) {
    if (signal?.aborted) throw new RenderError('cancelled', 'Rendering was stopped.', { cause: signal.reason });
    const scaled = latent.map((value) => value * step.inputScale);
    latent = step.advance(latent, checkLength(await denoise(scaled, step.timestep), length, 'output of the network'));
    onStep?.(index + 1);
  }
  return latent;
}

function checkLength(values: Float32Array, length: number, what: string): Float32Array {
  if (values.length !== length) {
    throw new RangeError(`The ${what} has ${values.length} numbers, but the latent has ${length}.`);
  }
  return values;
}
