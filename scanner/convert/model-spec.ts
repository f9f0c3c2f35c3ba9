import { baseRecord, type ModelType } from '../bases/index.ts';
import type { Identity } from '../identify/index.ts';

/** What the architecture of an adapter or part ends with; a whole model's has no ending. */
const ENDINGS: Readonly<Partial<Record<ModelType, string>>> = {
  checkpoint: '',
  'diffusion-model': '',
  lora: '/lora',
  embedding: '/textual-inversion',
  vae: '/vae',
};

/** What is looked at of an identity. */
export type Identified = Pick<Identity, 'type' | 'base' | 'variant' | 'prediction' | 'confidence'>;

/** SD 2's hangs on what the network predicts; bases that one name does not tell (FLUX.1 dev or schnell) have none. */
function architectureOf(base: Identified['base'], prediction: Identified['prediction']): string | undefined {
  const names = baseRecord(base)?.names.modelSpec;
  if (typeof names !== 'object') return names;
  return prediction === 'unknown' ? undefined : names[prediction];
}

/**
 * The entries of ModelSpec 1.0.1 that weights and metadata tell for certain: architecture, and prediction type of whole
 * models. `identity` must be found without the file's name, or the same bytes would give different headers.
 */
export function modelSpecOf({ type, base, variant, prediction, confidence }: Identified): Record<string, string> {
  const ending = ENDINGS[type];
  const architecture = architectureOf(base, prediction);
  const isSure = confidence === 'certain' || confidence === 'high';
  // That it predicts v is told by the architecture of SD 2, and by the entry for the prediction.
  const isPlain = variant === null || variant === 'v-prediction';
  if (!isSure || !isPlain || ending === undefined || architecture === undefined) return {};
  const entries: Record<string, string> = { 'modelspec.architecture': `${architecture}${ending}` };
  const isWhole = ending === '';
  if (isWhole && (prediction === 'epsilon' || prediction === 'v')) entries['modelspec.prediction_type'] = prediction;
  return entries;
}
