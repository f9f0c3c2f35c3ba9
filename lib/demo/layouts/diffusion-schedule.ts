import { type LayoutTensor, upTo } from './types.ts';

const STEPS = 1000;
const START = 0.000_85;
const END = 0.012;

/**
 * The noise schedule that latent-diffusion registers next to its networks, with its true values (`ddpm.py`,
 * `register_schedule`, scaled-linear betas).
 */
export function scheduleLayout(): LayoutTensor[] {
  const betas = upTo(STEPS).map((step) => {
    const root = Math.sqrt(START) + ((Math.sqrt(END) - Math.sqrt(START)) * step) / (STEPS - 1);
    return root * root;
  });
  const products: number[] = [];
  for (const beta of betas) products.push((products.at(-1) ?? 1) * (1 - beta));
  const previous = [1, ...products.slice(0, -1)];
  const of = (value: (product: number, before: number, beta: number) => number) =>
    products.map((product, step) => value(product, previous[step] ?? 1, betas[step] ?? 0));
  const variance = of((product, before, beta) => (beta * (1 - before)) / (1 - product));

  const values: Record<string, readonly number[]> = {
    betas,
    alphas_cumprod: products,
    alphas_cumprod_prev: previous,
    sqrt_alphas_cumprod: of((product) => Math.sqrt(product)),
    sqrt_one_minus_alphas_cumprod: of((product) => Math.sqrt(1 - product)),
    log_one_minus_alphas_cumprod: of((product) => Math.log(1 - product)),
    sqrt_recip_alphas_cumprod: of((product) => Math.sqrt(1 / product)),
    sqrt_recipm1_alphas_cumprod: of((product) => Math.sqrt(1 / product - 1)),
    posterior_variance: variance,
    posterior_log_variance_clipped: variance.map((value) => Math.log(Math.max(value, 1e-20))),
    posterior_mean_coef1: of((product, before, beta) => (beta * Math.sqrt(before)) / (1 - product)),
    posterior_mean_coef2: of((product, before, beta) => ((1 - before) * Math.sqrt(1 - beta)) / (1 - product)),
  };
  return Object.entries(values).map(([name, fill]) => ({ name, shape: [STEPS], dtype: 'F32', fill }));
}
