import type { Sampler } from '../render/index.ts';

export interface ComfySampler {
  sampler: string;
  scheduler: string;
}

/** Of `KSampler` (comfy/samplers.py), for networks with the noise schedule of Stable Diffusion 1 to XL. */
const OF_DIFFUSION: Record<Sampler, ComfySampler> = {
  Euler: { sampler: 'euler', scheduler: 'normal' },
  'Euler a': { sampler: 'euler_ancestral', scheduler: 'normal' },
  'DPM++ 2M': { sampler: 'dpmpp_2m', scheduler: 'normal' },
  'DPM++ 2M Karras': { sampler: 'dpmpp_2m', scheduler: 'karras' },
  DDIM: { sampler: 'ddim', scheduler: 'ddim_uniform' },
  LCM: { sampler: 'lcm', scheduler: 'sgm_uniform' },
};

/**
 * The sampler and scheduler that ComfyUI renders with. Flow-matching networks have one schedule of their own
 * (`scheduler`): Karras' places the steps by a scale of noise that they do not have.
 */
export function comfySampler(sampler: Sampler, flowScheduler: string | null): ComfySampler {
  const found = OF_DIFFUSION[sampler];
  return flowScheduler === null ? found : { sampler: found.sampler, scheduler: flowScheduler };
}
