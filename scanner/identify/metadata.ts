import { KNOWN_FAMILIES } from './known-families.ts';
import type { Prediction, Statement } from './types.ts';

type Metadata = ReadonlyMap<string, string>;

/** The value of an entry; `""` and Python's `"None"` count as absent. */
export function readEntry(metadata: Metadata, key: string): string | undefined {
  const value = metadata.get(key)?.trim();
  return value === undefined || value === '' || value === 'None' ? undefined : value;
}

/** Names of architectures as trainers write them (lower case) → base. The first that fits counts. */
const ARCHITECTURES: readonly (readonly [RegExp, string])[] = [
  [/^(?:stable-diffusion-xl-v1-refiner)/, 'sdxl-refiner'],
  [/^(?:stable-diffusion-xl|sdxl)/, 'sdxl'],
  [/^(?:stable-diffusion-3-5|stable-diffusion-v3\.5|sd3\.5)/, 'sd3.5'],
  [/^(?:stable-diffusion-3|stable-diffusion-v3|sd_?3)/, 'sd3'],
  [/^(?:stable-diffusion-v2|sd_v2|sd_2)/, 'sd2'],
  [/^(?:stable-diffusion-v1|sd_v1|sd_1)/, 'sd1'],
  [/^(?:stable-video-diffusion)/, 'svd'],
  [/^(?:stable-cascade)/, 'stable-cascade'],
  [/^(?:flux[._-]?2)/, 'flux2'],
  [/^(?:flux[._-]?1|flux_kontext)/, 'flux1'],
  [/^chroma/, 'chroma'],
  [/^kolors/, 'kolors'],
  [/^(?:lumina-?2)/, 'lumina2'],
  [/^(?:hunyuan-image)/, 'hunyuan-image'],
  [/^(?:hunyuan[_-]video)/, 'hunyuan-video'],
  [/^(?:pixart)/, 'pixart'],
  [/^(?:qwen[_-]image)/, 'qwen-image'],
  [/^(?:z[_-]?image)/, 'z-image'],
  [/^wan/, 'wan'],
  [/^auraflow/, 'auraflow'],
  [/^hidream/, 'hidream'],
  [/^anima/, 'anima'],
  [/^krea[_-]?2/, 'krea2'],
  [/^sana/, 'sana'],
  [/^ltx2/, 'ltx-2'],
  [/^ltx/, 'ltx-video'],
];

/** `ss_base_model_version` goes first: trainers that do not know a model leave the other at its default. */
const BASE_KEYS = ['ss_base_model_version', 'modelspec.architecture', 'architecture', 'model_type'];

/** The base of an architecture as trainers and ModelSpec name it, with or without what stands behind a slash. */
export function baseOfArchitecture(text: string): string | undefined {
  const name = text.toLowerCase().split('/')[0] ?? '';
  return ARCHITECTURES.find(([pattern]) => pattern.test(name))?.[1];
}

/** The base that metadata names, where it names one that is known. */
export function readStatedBase(metadata: Metadata): Statement | undefined {
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

/** Fine-tune families of SDXL. Word borders keep "fantasyIllustration" out of Illustrious. */
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/animagine/i, 'animagine'],
  [/noob/i, 'noobai'],
  [/illustrious|(?:^|[\W_])il(?:xl)?(?:[\W_]|$)|(?:^|[\W_])ilv\d/i, 'illustrious'],
  [/pony|pdxl/i, 'pony'],
];

/** Version ids of Civitai that its trainer writes in the place of a name. */
const VERSION_FAMILIES: ReadonlyMap<string, string> = new Map([
  ['290640', 'pony'],
  ['889818', 'illustrious'],
  ['1190596', 'noobai'],
]);

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
    const family = (id === undefined ? undefined : VERSION_FAMILIES.get(id)) ?? nameFamily(text);
    if (family !== undefined) return { value: family, detail: `${key} = ${text.slice(0, 200)}` };
  }
  for (const key of ['ss_new_sd_model_hash', 'ss_sd_model_hash']) {
    const hash = readEntry(metadata, key)?.toLowerCase();
    const known = hash === undefined ? undefined : KNOWN_FAMILIES.get(hash);
    if (known !== undefined) return { value: known.family, detail: `${key} = ${hash}, which is ${known.name}` };
  }
  const tags = readEntry(metadata, 'ss_tag_frequency');
  // Tags that the makers of Pony trained on and nobody else writes.
  const tag = tags === undefined ? undefined : /"[^"]*\b(score_9|source_pony)\b[^"]*"\s*:/.exec(tags)?.[1];
  return tag === undefined ? undefined : { value: 'pony', detail: `ss_tag_frequency has ${tag}` };
}

/** The family that a text names, whoever wrote it. */
export function nameFamily(text: string): string | undefined {
  return FAMILIES.find(([pattern]) => pattern.test(text))?.[1];
}

const FILENAME_BASES: readonly (readonly [RegExp, string])[] = [
  [/sd[_-]?xl|(?:^|[\W_])xl(?:[\W_]|$)|pony|illustrious|noob/i, 'sdxl'],
  [/(?:^|[\W_])(?:sd|v)[_-]?1[._-]?[45](?:[\W_]|$)|vae-ft-(?:mse|ema)|kl-f8/i, 'sd1'],
  [/(?:^|[\W_])(?:sd|v)[_-]?2[._-]?[01](?:[\W_]|$)/i, 'sd2'],
  [/flux[._-]?2/i, 'flux2'],
  [/flux/i, 'flux1'],
  [/sd[_-]?3[._-]5/i, 'sd3.5'],
  [/sd[_-]?3/i, 'sd3'],
];

export function guessBaseFromName(filename: string): string | undefined {
  return FILENAME_BASES.find(([pattern]) => pattern.test(filename))?.[1];
}
