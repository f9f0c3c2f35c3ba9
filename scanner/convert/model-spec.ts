import type { Identity } from '../identify/index.ts';

/**
 * Architectures by base, as Stability's ModelSpec and kohya's `sai_model_spec.py` name them. Those of SD 2 hang on what
 * the network predicts; bases that one name does not tell (FLUX.1 dev or schnell, sizes of SD 3) are left out.
 */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  sd1: 'stable-diffusion-v1',
  'sd2 epsilon': 'stable-diffusion-v2-512',
  'sd2 v': 'stable-diffusion-v2-768-v',
  sdxl: 'stable-diffusion-xl-v1-base',
  'sdxl-refiner': 'stable-diffusion-xl-v1-refiner',
};

/** What the architecture of an adapter or part ends with; a whole model's has no ending. */
const ENDINGS: Readonly<Record<string, string>> = {
  checkpoint: '',
  'diffusion-model': '',
  lora: '/lora',
  embedding: '/textual-inversion',
  vae: '/vae',
};

/** What is looked at of an identity. */
export type Identified = Pick<Identity, 'type' | 'base' | 'variant' | 'prediction' | 'confidence'>;

/**
 * The entries of ModelSpec 1.0.1 that weights and metadata tell for certain: architecture, and prediction type of whole
 * models. `identity` must be found without the file's name, or the same bytes would give different headers.
 */
export function modelSpecOf({ type, base, variant, prediction, confidence }: Identified): Record<string, string> {
  const ending = ENDINGS[type];
  const architecture = ARCHITECTURES[base === 'sd2' ? `sd2 ${prediction}` : base];
  const isSure = confidence === 'certain' || confidence === 'high';
  // That it predicts v is told by the architecture of SD 2, and by the entry for the prediction.
  const isPlain = variant === null || variant === 'v-prediction';
  if (!isSure || !isPlain || ending === undefined || architecture === undefined) return {};
  const entries: Record<string, string> = { 'modelspec.architecture': `${architecture}${ending}` };
  const isWhole = ending === '';
  if (isWhole && (prediction === 'epsilon' || prediction === 'v')) entries['modelspec.prediction_type'] = prediction;
  return entries;
}
