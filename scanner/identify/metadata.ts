import { type BaseId, baseOfArchitecture, fineTuneOfFile, fineTuneOfName, fineTuneOfVersion } from '../bases/index.ts';
import type { Prediction, Statement } from './types.ts';

type Metadata = ReadonlyMap<string, string>;

/** The value of an entry; `""` and Python's `"None"` count as absent. */
export function readEntry(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)?.trim();
  return value === undefined || value === '' || value === 'None' ? undefined : value;
}

/** `ss_base_model_version` goes first: trainers that do not know a model leave the other at its default. */
const BASE_KEYS = ['ss_base_model_version', 'modelspec.architecture', 'architecture', 'model_type'];

/** The base that metadata names, where it names one that is known. */
export function readStatedBase(metadata: Metadata): Statement<BaseId> | undefined {
  for (const key of BASE_KEYS) {
    const text = readEntry(metadata, key);
    const base = baseOfArchitecture(text ?? '');
    if (base !== undefined) return { value: base, detail: `${key} = ${text}` };
  }
  if (readEntry(metadata, 'ss_v2') === 'True') return { value: 'sd2', detail: 'ss_v2 = True' };
  return undefined;
}

export function readStatedPrediction(metadata: Metadata): { value: Prediction; detail: string } | undefined {
  for (const key of ['modelspec.prediction_type', 'modelspec.predict_key']) {
    const value = readEntry(metadata, key)?.toLowerCase();
    if (value === 'v' || value === 'v_prediction') return { value: 'v', detail: `${key} = ${value}` };
    if (value === 'epsilon' || value === 'eps') return { value: 'epsilon', detail: `${key} = ${value}` };
  }
  const version = readEntry(metadata, 'ss_base_model_version');
  if (version !== undefined && /_v$/.test(version)) return { value: 'v', detail: `ss_base_model_version = ${version}` };
  return undefined;
}

/** A record of the file having been merged from others. Null where there is none, which proves nothing. */
export function readMergeRecord(metadata: Metadata): string | null {
  const recipe = readEntry(metadata, 'sd_merge_recipe');
  // A recipe with one parent and no interpolation is a conversion or a baked VAE.
  if (recipe !== undefined && !/"interp_method"\s*:\s*"No interpolation"/.test(recipe)) return 'sd_merge_recipe';
  const merged = readEntry(metadata, 'modelspec.merged_from');
  if (merged !== undefined) return `modelspec.merged_from = ${merged.slice(0, 200)}`;
  if (readEntry(metadata, 'ss_network_dim') === 'Dynamic') return 'ss_network_dim = Dynamic';
  const ratio = readEntry(metadata, 'sshs_ratio');
  if (ratio !== undefined) return `sshs_ratio = ${ratio.slice(0, 200)}`;
  const workflow = metadata.get('prompt') ?? metadata.get('workflow') ?? '';
  const node = /"(ModelMerge\w*|CLIPMerge\w*)"/.exec(workflow)?.[1];
  return node === undefined ? null : `node ${node} in the workflow metadata`;
}

const FAMILY_KEYS = [
  'ss_sd_model_name',
  'ss_base_model_version',
  'modelspec.title',
  'modelspec.tags',
  'modelspec.merged_from',
];

export function readStatedFamily(metadata: Metadata): Statement | undefined {
  for (const key of FAMILY_KEYS) {
    const text = readEntry(metadata, key);
    if (text === undefined) continue;
    const id = /^(?:urn:air:.*@)?(\d{6,})(?:\.safetensors)?$/.exec(text)?.[1];
    const family = (id === undefined ? undefined : fineTuneOfVersion(id)) ?? fineTuneOfName(text);
    if (family !== undefined) return { value: family, detail: `${key} = ${text.slice(0, 200)}` };
  }
  for (const key of ['ss_new_sd_model_hash', 'ss_sd_model_hash']) {
    const hash = readEntry(metadata, key)?.toLowerCase();
    const known = hash === undefined ? undefined : fineTuneOfFile(hash);
    if (known !== undefined) return { value: known.id, detail: `${key} = ${hash}, which is ${known.name}` };
  }
  const tags = readEntry(metadata, 'ss_tag_frequency');
  // Tags that the makers of Pony trained on and nobody else writes.
  const tag = tags === undefined ? undefined : /"[^"]*\b(score_9|source_pony)\b[^"]*"\s*:/.exec(tags)?.[1];
  return tag === undefined ? undefined : { value: 'pony', detail: `ss_tag_frequency has ${tag}` };
}
