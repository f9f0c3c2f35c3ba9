import { createHash } from 'node:crypto';
import { modelSpecOf } from '../convert/index.ts';
import type { OpenModel } from './open-models.ts';
import type { MergeModel, MergeOptions, MergeRequest, WeightedLora } from './types.ts';

const METHODS: Readonly<Record<MergeRequest['kind'], string>> = {
  'weighted-sum': 'Weighted sum',
  'add-difference': 'Add difference',
  'bake-loras': 'LoRA baked in',
  'combine-loras': 'LoRAs combined',
  'replace-vae': 'No interpolation',
};

/** All models of a request, the first one first; each once. */
export function modelsOf(request: MergeRequest): MergeModel[] {
  const models: MergeModel[] = [];
  if ('a' in request) models.push(request.a);
  if ('b' in request) models.push(request.b);
  if ('c' in request) models.push(request.c);
  if ('loras' in request) models.push(...request.loras);
  if ('vae' in request && request.vae !== undefined) models.push(request.vae);
  return [...new Map(models.map((model) => [model.path, model])).values()];
}

/**
 * What a merge writes of itself: `sd_merge_recipe` and `sd_merge_models` as AUTOMATIC1111 has them (`modules/extras.py`),
 * with the recipes of the models folded in, and ModelSpec. LoRAs and autoencoders, for which those have no place, stand in
 * further entries of the recipe. No date: the same models give the same bytes.
 */
export function describeMerge(
  request: MergeRequest,
  models: readonly OpenModel[],
  { dtype, name }: Pick<MergeOptions, 'dtype' | 'name'>,
): Map<string, string> {
  const [first] = models;
  const metadata = new Map<string, string>([
    ['format', 'pt'],
    ['sd_merge_recipe', JSON.stringify(recipeOf(request, { dtype, name, variant: first?.identity.variant ?? null }))],
    ['sd_merge_models', JSON.stringify(foldModels(models))],
    ['modelspec.sai_model_spec', '1.0.1'],
    ['modelspec.title', name],
    ['modelspec.merged_from', models.map(({ model }) => model.name.replaceAll(',', ' ')).join(', ')],
  ]);
  if (first !== undefined) {
    const spec = modelSpecOf(first.identity);
    const implementation = first.table.metadata.get('modelspec.implementation');
    if (implementation !== undefined) spec['modelspec.implementation'] = implementation;
    for (const [key, value] of Object.entries(spec)) metadata.set(key, value);
  }
  if (request.kind === 'combine-loras') for (const [key, value] of loraEntries(models)) metadata.set(key, value);
  return metadata;
}

function recipeOf(
  request: MergeRequest,
  { dtype, name, variant }: { dtype: MergeOptions['dtype']; name: string; variant: string | null },
): object {
  const vae = 'vae' in request ? request.vae : undefined;
  const blocks = 'blocks' in request ? request.blocks : undefined;
  return {
    type: 'weighhouse',
    primary_model_hash: 'a' in request ? request.a.sha256 : null,
    secondary_model_hash: 'b' in request ? request.b.sha256 : null,
    tertiary_model_hash: 'c' in request ? request.c.sha256 : null,
    interp_method: METHODS[request.kind],
    multiplier: 'weight' in request ? request.weight : null,
    save_as_half: dtype === 'F16',
    custom_name: name,
    config_source: 0,
    bake_in_vae: vae?.name ?? 'None',
    discard_weights: '',
    is_inpainting: variant === 'inpaint',
    is_instruct_pix2pix: variant === 'pix2pix',
    ...(blocks === undefined ? {} : { mbw: true, weights_alpha: blocks.join(',') }),
    ...(vae === undefined ? {} : { vae_hash: vae.sha256 }),
    ...('loras' in request ? { loras: request.loras.map(loraEntry) } : {}),
  };
}

function loraEntry({ sha256, name, weight, textWeight }: WeightedLora): object {
  return { hash: sha256, name, weight, ...(textWeight === undefined ? {} : { text_encoder_weight: textWeight }) };
}

/** Every model by its SHA-256, and the ancestors that it records itself. */
function foldModels(models: readonly OpenModel[]): Record<string, unknown> {
  const folded: Record<string, unknown> = {};
  for (const { model, source, table } of models) {
    const ancestors = parse(table.metadata.get('sd_merge_models'));
    if (typeof ancestors === 'object' && ancestors !== null) {
      for (const [hash, ancestor] of Object.entries(ancestors)) folded[hash] ??= ancestor;
    }
    folded[model.sha256] = {
      name: model.name,
      legacy_hash: autoV1(source.read(0x100000, 0x10000)),
      sd_merge_recipe: parse(table.metadata.get('sd_merge_recipe')) ?? null,
    };
  }
  return folded;
}

function autoV1(part: Uint8Array): string {
  return createHash('sha256').update(part).digest('hex').slice(0, 8);
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? null : (JSON.parse(text) as unknown);
  } catch {
    return null;
  }
}

/** What kohya's tools say of a LoRA, where all that were combined say the same; and the trigger words of all. */
function loraEntries(models: readonly OpenModel[]): [string, string][] {
  const entries: [string, string][] = [
    ['ss_network_module', 'networks.lora'],
    ['ss_network_dim', 'Dynamic'],
    ['ss_network_alpha', 'Dynamic'],
  ];
  for (const key of ['ss_base_model_version', 'ss_v2']) {
    const values = new Set(models.flatMap(({ table }) => table.metadata.get(key) ?? []));
    const [value] = values;
    if (values.size === 1 && value !== undefined) entries.push([key, value]);
  }
  const phrases = models.flatMap(({ table }) => table.metadata.get('modelspec.trigger_phrase') ?? []);
  if (phrases.length > 0) entries.push(['modelspec.trigger_phrase', [...new Set(phrases)].join(', ')]);
  return entries;
}
