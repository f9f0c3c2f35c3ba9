/** What latents are multiplied by to have a variance of about 1 (latent-diffusion and SDXL, `scale_factor`). */
const FACTORS = { sd1: 0.182_15, sd2: 0.182_15, sdxl: 0.130_25 };

/** The number that a base's latents are divided by before they are decoded, and multiplied by once encoded. */
export function scaleFactorOf(base: keyof typeof FACTORS): number {
  return FACTORS[base];
}
