import type { PredictionType } from '../types.ts';
import { blend, type Plan, type PlanOptions, type Step } from './plan.ts';
import { karrasSigmas, uniformSigmas } from './spacing.ts';

/**
 * The clean picture that the network sees in a latent with noise of deviation sigma: `x - σ·ε` for epsilon,
 * `x / (σ² + 1) - v · σ / √(σ² + 1)` for v. Source: k-diffusion, `external.py`.
 */
function denoised(latent: Float32Array, output: Float32Array, sigma: number, prediction: PredictionType): Float32Array {
  if (prediction === 'epsilon') return blend(1, latent, -sigma, output);
  const variance = sigma ** 2 + 1;
  return blend(1 / variance, latent, -sigma / Math.sqrt(variance), output);
}

type Advance = (move: { latent: Float32Array; clean: Float32Array; sigma: number; next: number }) => Float32Array;

/** A plan over falling sigmas, the last of them 0, on latents whose picture is not scaled down by the noise. */
function planSigmas(sigmas: number[], { schedule, prediction }: PlanOptions, advance: Advance): Plan {
  const steps = sigmas.slice(0, -1).map((sigma, i): Step => {
    const next = sigmas[i + 1] ?? 0;
    return {
      timestep: schedule.timestep(sigma),
      inputScale: 1 / Math.sqrt(sigma ** 2 + 1),
      advance: (latent, output) => advance({ latent, clean: denoised(latent, output, sigma, prediction), sigma, next }),
    };
  });
  return { startScale: sigmas[0] ?? 1, steps };
}

/** Keeps `to / from` of what is not the clean picture: Euler's step `x + (x - D)/σ · (σ' - σ)`, put in order. */
function interpolate(latent: Float32Array, clean: Float32Array, from: number, to: number): Float32Array {
  return blend(to / from, latent, 1 - to / from, clean);
}

/**
 * Euler: `x' = x + (x - D)/σ · (σ' - σ)`, D the clean picture. Karras et al. (arXiv 2206.00364), algorithm 2 without churn;
 * k-diffusion's `sample_euler` on A1111's uniform sigmas.
 */
export function planEuler(options: PlanOptions): Plan {
  return planSigmas(uniformSigmas(options.schedule, options.steps), options, ({ latent, clean, sigma, next }) =>
    interpolate(latent, clean, sigma, next),
  );
}

/**
 * Euler a: goes below the next sigma, to `√(σ'² - up²)`, and adds noise of deviation `up = √(σ'² (σ² - σ'²) / σ²)`; none
 * with the last step. k-diffusion's `sample_euler_ancestral` with eta 1 on A1111's uniform sigmas.
 */
export function planEulerAncestral(options: PlanOptions): Plan {
  return planSigmas(uniformSigmas(options.schedule, options.steps), options, ({ latent, clean, sigma, next }) => {
    const up = Math.sqrt((next ** 2 * (sigma ** 2 - next ** 2)) / sigma ** 2);
    const lower = interpolate(latent, clean, sigma, Math.sqrt(next ** 2 - up ** 2));
    return next === 0 ? lower : blend(1, lower, up, options.drawNoise());
  });
}

/**
 * DPM++ 2M: with `h = ln σ - ln σ'` and `r` the h before over this one, `x' = σ'/σ · x + (1 - σ'/σ) · D'` where
 * `D' = (1 + 1/2r) D - 1/2r · (D before)`; the first and the last step take D itself. Lu et al. (arXiv 2211.01095),
 * algorithm 2; k-diffusion's `sample_dpmpp_2m` on A1111's uniform sigmas.
 */
export function planDpm2m(options: PlanOptions): Plan {
  return planDpm2mOn(uniformSigmas(options.schedule, options.steps), options);
}

/** DPM++ 2M on the sigmas of Karras et al. */
export function planDpm2mKarras(options: PlanOptions): Plan {
  return planDpm2mOn(karrasSigmas(options.schedule, options.steps), options);
}

function planDpm2mOn(sigmas: number[], options: PlanOptions): Plan {
  let before: { clean: Float32Array; h: number } | null = null;
  return planSigmas(sigmas, options, ({ latent, clean, sigma, next }) => {
    const h = Math.log(sigma / next);
    const share = before === null || next === 0 ? 0 : h / before.h / 2;
    const ahead = before === null ? clean : blend(1 + share, clean, -share, before.clean);
    before = { clean, h };
    return interpolate(latent, ahead, sigma, next);
  });
}
