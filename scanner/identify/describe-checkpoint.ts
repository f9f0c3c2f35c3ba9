import { baseRecord } from '../bases/index.ts';
import type { TensorTable } from '../tensors/index.ts';
import type { Backbone } from './backbone.ts';
import { findAbsent, findMissing, findSurplus } from './contents.ts';
import { createIdentity } from './create-identity.ts';
import type { KeyIndex } from './key-index.ts';
import { findPrediction } from './prediction.ts';
import { findTextEncoders } from './text-encoder.ts';
import type { Evidence, IdentifyHints, Identity } from './types.ts';
import { findVae } from './vae.ts';

/** What a checkpoint, or a diffusion model alone, is by its backbone: its parts, what it lacks, and what it predicts. */
export function describeCheckpoint(
  backbone: Backbone,
  keys: KeyIndex,
  table: TensorTable,
  hints: IdentifyHints,
): Identity {
  const vae = findVae(keys);
  const encoders = findTextEncoders(keys);
  const complete = vae !== undefined || encoders.length > 0;
  const prediction = findPrediction(backbone, keys, table, hints);
  const evidence: Evidence[] = [
    ...backbone.baseEvidence.slice(0, 1).map((detail): Evidence => ({ field: 'type', source: 'weights', detail })),
    ...(vae?.evidence.slice(0, 1) ?? []).map((detail): Evidence => ({ field: 'type', source: 'weights', detail })),
    ...encoders.map(({ evidence }): Evidence => ({ field: 'type', source: 'weights', detail: evidence })),
    ...prediction.evidence,
  ];
  if (backbone.base !== 'unknown') {
    evidence.push(...backbone.baseEvidence.map((detail): Evidence => ({ field: 'base', source: 'weights', detail })));
    evidence.push(
      ...backbone.variantEvidence.map((detail): Evidence => ({ field: 'variant', source: 'weights', detail })),
    );
  }

  const problems = [...backbone.problems, ...(prediction.problem === undefined ? [] : [prediction.problem])];
  const record = baseRecord(backbone.base);
  const expected = record?.singleFile === true ? record.textEncoders.at(-1) : undefined;
  const known = backbone.variant === 'unclip' || backbone.variant === 'alt-diffusion';
  if (expected && !known && encoders.length > 0 && !encoders.some(({ name }) => expected.includes(name))) {
    const found = encoders.map(({ name }) => name).join(', ');
    problems.push(
      `The diffusion model is ${backbone.base}, but the text encoder (${found}) belongs to another base model.`,
    );
  }

  const components = [
    backbone.kind,
    ...(vae === undefined ? [] : ['vae']),
    ...encoders.map(({ name }) => name),
    ...(keys.count('model_ema.') > 0 ? ['ema'] : []),
    ...(keys.count('depth_model.') > 0 ? ['depth-model'] : []),
    ...(keys.count('embedder.model.') > 0 ? ['image-encoder'] : []),
    ...(keys.find(/\.lora_(?:down|up|A|B)\.|\.hada_w1_a$/) === undefined ? [] : ['lora']),
  ];
  const isPlain = backbone.kind === 'unet' && backbone.layout === 'ldm' && PLAIN_VARIANTS.has(backbone.variant);
  const none = { count: 0, names: [] };
  const hasPlan = isPlain || backbone.kind === 'transformer';
  const missingTensors = hasPlan ? findMissing(keys, backbone.base, backbone.prefix) : none;
  const surplusTensors = findSurplus(keys, backbone.base, backbone.prefix, isPlain);
  return createIdentity({
    type: complete ? 'checkpoint' : 'diffusion-model',
    base: backbone.base,
    variant: backbone.variant ?? (backbone.kind === 'unet' && prediction.value === 'v' ? 'v-prediction' : null),
    prediction: prediction.value,
    components,
    absent: complete ? findAbsent(backbone.base, components) : [],
    missingTensors,
    surplusTensors,
    confidence: backbone.base === 'unknown' ? 'low' : 'certain',
    evidence,
    problems,
  });
}

/** Variants with all the layers of their base. */
const PLAIN_VARIANTS: ReadonlySet<string | null> = new Set([null, 'inpaint', 'pix2pix', 'depth', 'turbo']);
