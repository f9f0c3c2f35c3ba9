import type { TensorTable } from '../tensors/index.ts';
import { UNDETERMINED } from './apply-classes.ts';
import { findBackbone } from './backbone.ts';
import { matchControl } from './control.ts';
import { createIdentity } from './create-identity.ts';
import { describeCheckpoint } from './describe-checkpoint.ts';
import { matchLooseEmbedding } from './embedding.ts';
import { type KeyIndex, matchRow } from './key-index.ts';
import { isMostlyAdapter, matchLora } from './lora.ts';
import { matchEncoder } from './text-encoder.ts';
import type { IdentifyHints, Identity } from './types.ts';
import { UPSCALER_ROWS } from './upscaler.ts';
import { findVae } from './vae.ts';

/** What the rules made by hand say, which look at a few tensors: special files before those whose keys they contain. */
export function identifyByRules(keys: KeyIndex, table: TensorTable, hints: IdentifyHints): Identity {
  const control = matchControl(keys);
  if (control !== undefined) {
    const components = [control.type, ...(keys.count('model.diffusion_model.') > 0 ? ['unet'] : [])];
    return createIdentity({ ...control, components, confidence: control.base === 'unknown' ? 'medium' : 'certain' });
  }

  // Checkpoints may carry leftovers of adapters, and the names of an adapter begin like those of its network.
  const isAdapter = isMostlyAdapter(keys);
  const backbone = isAdapter ? undefined : findBackbone(keys);
  if (backbone !== undefined) return describeCheckpoint(backbone, keys, table, hints);

  const lora = matchLora(keys, hints.readTensor);
  if (lora !== undefined) return createIdentity({ type: 'lora', ...lora });

  const vae = findVae(keys);
  if (vae !== undefined) {
    const [detail = ''] = vae.evidence;
    const identity = createIdentity({
      type: 'vae',
      base: vae.base,
      variant: vae.variant,
      components: ['vae'],
      confidence: vae.base === 'unknown' ? 'medium' : 'certain',
      evidence: [{ field: 'type', source: 'weights', detail }],
    });
    if (vae.base !== 'unknown') identity.evidence.push({ field: 'base', source: 'weights', detail });
    else if (vae.shared !== null) identity.problems.push(`VAEs of ${vae.shared} have the same shapes, ${UNDETERMINED}`);
    return identity;
  }

  const encoder = matchEncoder(keys);
  if (encoder !== undefined) {
    return createIdentity({
      type: encoder.vision ? 'image-encoder' : 'text-encoder',
      components: [encoder.name],
      confidence: 'high',
      evidence: [{ field: 'type', source: 'weights', detail: encoder.evidence }],
    });
  }

  const upscaler = matchRow(UPSCALER_ROWS, keys);
  if (upscaler !== undefined) {
    return createIdentity({
      type: 'upscaler',
      variant: upscaler.row.variant ?? null,
      confidence: 'high',
      evidence: upscaler.evidence.map((detail) => ({ field: 'type', source: 'weights', detail })),
    });
  }

  const loose = matchLooseEmbedding(keys);
  return createIdentity(loose ?? { type: 'unknown' });
}
