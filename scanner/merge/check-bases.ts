import { judgePairing } from '../identify/index.ts';
import { MergeError } from './errors.ts';
import { type OpenModel, quote } from './open-models.ts';
import type { NamedModel } from './types.ts';

const WHOLE = new Set(['checkpoint', 'diffusion-model']);

/** Throws MergeError unless all are checkpoints of one base version. Returns what will disappoint, in sentences. */
export function checkCheckpoints(models: readonly OpenModel[]): string[] {
  for (const { model, identity } of models) {
    if (!WHOLE.has(identity.type) && identity.type !== 'unknown') {
      throw new MergeError('other-base', `${quote(model)} has the type ${identity.type}. Use a checkpoint.`);
    }
  }
  const [first, ...rest] = models;
  if (first === undefined) return [];
  const warnings: string[] = [];
  for (const other of rest) {
    if (other.identity.base !== first.identity.base) {
      throw new MergeError(
        'other-base',
        `${quote(first.model)} is ${nameBase(first)} and ${quote(other.model)} is ${nameBase(other)}. Only models with the same base model can be merged.`,
      );
    }
    const [mine, theirs] = [first.identity.prediction, other.identity.prediction];
    if (mine !== theirs && mine !== 'unknown' && theirs !== 'unknown') {
      warnings.push(
        `${quote(first.model)} uses ${mine} prediction and ${quote(other.model)} uses ${theirs}. The merge may only create noise.`,
      );
    }
  }
  return warnings;
}

/** Throws MergeError where an adapter is no LoRA, or is for another base than the checkpoint. */
export function checkAdapter(adapter: OpenModel<NamedModel>, host: OpenModel<NamedModel>): string[] {
  checkLora(adapter);
  const { fit, warnings } = judgePairing(adapter.identity, host.identity);
  if (fit !== 'incompatible') return warnings;
  throw new MergeError(
    'other-base',
    `${quote(adapter.model)} is for ${nameBase(adapter)} and ${quote(host.model)} is ${nameBase(host)}. Use a LoRA with the same base model.`,
  );
}

/** Throws MergeError unless all are LoRAs of one base version. */
export function checkAdapters(adapters: readonly OpenModel[]): void {
  for (const adapter of adapters) checkLora(adapter);
  const known = adapters.filter(({ identity }) => identity.base !== 'unknown');
  const [first] = known;
  const other = known.find(({ identity }) => identity.base !== first?.identity.base);
  if (first === undefined || other === undefined) return;
  throw new MergeError(
    'other-base',
    `${quote(first.model)} is for ${nameBase(first)} and ${quote(other.model)} for ${nameBase(other)}. Only LoRAs with the same base model can be merged.`,
  );
}

function checkLora({ model, identity }: OpenModel<NamedModel>): void {
  if (identity.type === 'lora' || identity.type === 'unknown') return;
  throw new MergeError('other-base', `${quote(model)} has the type ${identity.type}. Use a LoRA.`);
}

export function nameBase({ identity }: OpenModel<NamedModel>): string {
  if (identity.base === 'unknown') return '(unknown base model)';
  return identity.variant === null ? identity.base : `${identity.base} (${identity.variant})`;
}
