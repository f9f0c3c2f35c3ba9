import type { PredictionType } from '../types.ts';
import { blend, type Plan, type PlanOptions, type Step } from './plan.ts';
import { lcmTimesteps, leadingTimesteps, trailingTimesteps } from './spacing.ts';

/** Latent consistency models: deviation of the data, and what a timestep is multiplied by, in the boundary scalings. */
const LCM_SIGMA_DATA = 0.5;
const LCM_TIMESTEP_SCALE = 10;

/** Latents here are `√ᾱ · picture + √(1 - ᾱ) · noise`; of one of them, what the network takes for either. */
function partsOf(latent: Float32Array, output: Float32Array, alpha: number, prediction: PredictionType) {
  const picture = Math.sqrt(alpha);
  const noise = Math.sqrt(1 - alpha);
  return prediction === 'epsilon'
    ? { clean: blend(1 / picture, latent, -noise / picture, output), noise: output }
    : { clean: blend(picture, latent, -noise, output), noise: blend(noise, latent, picture, output) };
}

/** A plan over falling timesteps; after the last one `finalAlpha` is left of the picture's variance. */
function planTimesteps(
  timesteps: number[],
  { schedule }: PlanOptions,
  finalAlpha: number,
  makeAdvance: (step: { timestep: number; alpha: number; next: number; isLast: boolean }) => Step['advance'],
): Plan {
  const steps = timesteps.map((timestep, i): Step => {
    const following = timesteps[i + 1];
    const next = following === undefined ? finalAlpha : schedule.alpha(following);
    const alpha = schedule.alpha(timestep);
    return {
      timestep,
      inputScale: 1,
      advance: makeAdvance({ timestep, alpha, next, isLast: following === undefined }),
    };
  });
  return { startScale: 1, steps };
}

/**
 * DDIM without noise (eta 0): `x' = √ᾱ' · clean + √(1 - ᾱ') · noise`. Song et al. (arXiv 2010.02502), equation 12;
 * diffusers' DDIMScheduler with `timestep_spacing="leading", steps_offset=1, set_alpha_to_one=False, clip_sample=False`, and
 * with zero terminal SNR `timestep_spacing="trailing", rescale_betas_zero_snr=True`.
 */
export function planDdim(options: PlanOptions): Plan {
  const timesteps = options.zeroTerminalSnr ? trailingTimesteps(options.steps) : leadingTimesteps(options.steps);
  return planTimesteps(timesteps, options, options.schedule.alpha(0), ({ alpha, next }) => (latent, output) => {
    const { clean, noise } = partsOf(latent, output, alpha, options.prediction);
    return blend(Math.sqrt(next), clean, Math.sqrt(1 - next), noise);
  });
}

/**
 * LCM: `D = skip · x + out · clean` with `s = 10 t`, `skip = 0.25 / (s² + 0.25)`, `out = s / √(s² + 0.25)`, and then fresh
 * noise, `x' = √ᾱ' · D + √(1 - ᾱ') · noise`; none with the last step. Luo et al. (arXiv 2310.04378); diffusers' LCMScheduler
 * as it comes (`original_inference_steps=50, timestep_scaling=10, clip_sample=False`).
 */
export function planLcm(options: PlanOptions): Plan {
  return planTimesteps(lcmTimesteps(options.steps), options, 1, ({ timestep, alpha, next, isLast }) => {
    const scaled = timestep * LCM_TIMESTEP_SCALE;
    const variance = scaled ** 2 + LCM_SIGMA_DATA ** 2;
    return (latent, output) => {
      const { clean } = partsOf(latent, output, alpha, options.prediction);
      const bounded = blend(LCM_SIGMA_DATA ** 2 / variance, latent, scaled / Math.sqrt(variance), clean);
      return isLast ? bounded : blend(Math.sqrt(next), bounded, Math.sqrt(1 - next), options.drawNoise());
    };
  });
}
