import type { PredictionType } from '../types.ts';
import type { NoiseSchedule } from './noise-schedule.ts';

/** What a sampler makes its plan of. */
export interface PlanOptions {
  schedule: NoiseSchedule;
  /** Calls of the network, from 1 to 1000. */
  steps: number;
  prediction: PredictionType;
  zeroTerminalSnr: boolean;
  /** As many fresh numbers of unit noise as the latent has. */
  drawNoise: () => Float32Array;
}

/** One call of the network, and what becomes of the latent by it. */
export interface Step {
  /** What the network is told; a fraction where a sigma lies between two timesteps of training. */
  timestep: number;
  /** The network sees the latent times this. */
  inputScale: number;
  /** The latent after the step, in a new array, of the latent before it and the network's raw output. */
  advance: (latent: Float32Array, output: Float32Array) => Float32Array;
}

export interface Plan {
  /** The latent to begin with is unit noise times this. */
  startScale: number;
  /** In their order; each is taken once. */
  steps: Step[];
}

/** `a · x + b · y` for every number. */
export function blend(a: number, x: Float32Array, b: number, y: Float32Array): Float32Array {
  return x.map((value, i) => a * value + b * (y[i] ?? Number.NaN));
}
