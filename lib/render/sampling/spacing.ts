import { type NoiseSchedule, TRAINING_STEPS } from './noise-schedule.ts';

const RHO = 7;
/** Steps of the teacher that latent consistency models are distilled from. */
const LCM_TEACHER_STEPS = 50;
const { fround } = Math;

/** `count` numbers in even steps from the first to the last, both among them; one number alone is the first. */
function linspace(first: number, last: number, count: number): number[] {
  const parts = Math.max(count - 1, 1);
  // Divided last, so that rounding never carries the last number past the end.
  return Array.from({ length: count }, (_, i) => fround(first + (i * (last - first)) / parts));
}

/**
 * Sigmas of timesteps in even steps from 999 to 0, and a zero: `steps + 1` numbers. A1111's "Uniform", k-diffusion's
 * `DiscreteSchedule.get_sigmas`. diffusers' `timestep_spacing="linspace"` is the same where the timesteps are whole;
 * between them it interpolates sigma, not its logarithm.
 */
export function uniformSigmas(schedule: NoiseSchedule, steps: number): number[] {
  return [...linspace(TRAINING_STEPS - 1, 0, steps).map((timestep) => schedule.sigma(timestep)), 0];
}

/**
 * `σ[i] = (σmax^(1/7) + i/(n-1) · (σmin^(1/7) - σmax^(1/7)))^7` and a zero: `steps + 1` numbers. Karras et al. (arXiv
 * 2206.00364), equation 5, between the ends of the schedule: k-diffusion's `get_sigmas_karras`, diffusers'
 * `use_karras_sigmas`.
 */
export function karrasSigmas({ sigmas }: NoiseSchedule, steps: number): number[] {
  const most = (sigmas.at(-1) ?? 0) ** (1 / RHO);
  const least = (sigmas[0] ?? 0) ** (1 / RHO);
  return [...linspace(0, 1, steps).map((part) => fround((most + part * (least - most)) ** RHO)), 0];
}

/**
 * Timesteps 1, 1 + r, 1 + 2r … with `r = ⌊1000 / steps⌋`, from the last to the first: diffusers'
 * `timestep_spacing="leading", steps_offset=1`, which Stable Diffusion's own configuration names.
 */
export function leadingTimesteps(steps: number): number[] {
  const ratio = Math.floor(TRAINING_STEPS / steps);
  return Array.from({ length: steps }, (_, i) => Math.min((steps - 1 - i) * ratio + 1, TRAINING_STEPS - 1));
}

/**
 * Timesteps `round(1000 - i · 1000 / steps) - 1`, so that the first is the last of training, which is all noise:
 * diffusers' `timestep_spacing="trailing"`, what Lin et al. (arXiv 2305.08891) ask for with zero terminal SNR.
 */
export function trailingTimesteps(steps: number): number[] {
  return Array.from({ length: steps }, (_, i) => roundToEven(TRAINING_STEPS - (i * TRAINING_STEPS) / steps) - 1);
}

/**
 * `steps` of the 50 timesteps 999, 979, … 19 that the teacher took, in even steps from the first: diffusers' LCMScheduler
 * with `original_inference_steps=50`, or as many as the steps when those are more.
 */
export function lcmTimesteps(steps: number): number[] {
  const teacher = Math.max(LCM_TEACHER_STEPS, steps);
  const ratio = Math.floor(TRAINING_STEPS / teacher);
  return Array.from({ length: steps }, (_, i) => (teacher - Math.floor((i * teacher) / steps)) * ratio - 1);
}

/** Halves go to the even neighbour, as in NumPy. */
function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const isDown = value - floor === 0.5 ? floor % 2 === 0 : value - floor < 0.5;
  return isDown ? floor : floor + 1;
}
