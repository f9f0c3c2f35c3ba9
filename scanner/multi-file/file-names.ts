/** What a diffusers folder is told by. */
export const MODEL_INDEX = 'model_index.json';

/** What transformers and diffusers keep beside the weights of one network. */
export const CONFIG = 'config.json';

/** `model.safetensors.index.json`, `pytorch_model.bin.index.json`, and with a variant before or behind `index`. */
const INDEX = /^(.+)\.(safetensors|bin)(?:\.([\w-]+))?\.index(?:\.([\w-]+))?\.json$/;
/** `model-00001-of-00003.safetensors`, and with a variant before or behind the number. */
const SHARD = /^(.+)-(\d{5,6})-of-(\d{5,6})(?:\.([\w-]+))?\.(safetensors|bin)$/;
/** What diffusers and transformers call the weights of a component. */
const WEIGHTS = /^(diffusion_pytorch_model|pytorch_model|model)(?:\.([\w-]+))?\.(safetensors|bin)$/;

export type WeightsFormat = 'safetensors' | 'bin';

export interface IndexName {
  stem: string;
  format: WeightsFormat;
  variant: string | null;
}

export function parseIndexName(name: string): IndexName | null {
  const [, stem = '', format = '', before, behind] = INDEX.exec(name) ?? [];
  return stem === '' ? null : { stem, format: format as WeightsFormat, variant: before ?? behind ?? null };
}

export interface ShardName {
  /** With the variant, where there is one: `model.fp16`. */
  stem: string;
  number: number;
  count: number;
  format: WeightsFormat;
}

export function parseShardName(name: string): ShardName | null {
  const [, front = '', number, count, variant, format = ''] = SHARD.exec(name) ?? [];
  const stem = variant === undefined ? front : `${front}.${variant}`;
  return front === '' ? null : { stem, number: Number(number), count: Number(count), format: format as WeightsFormat };
}

/** Where an index of this name has its shards, by what their names begin with. */
export function stemOfShards({ stem, variant }: IndexName): string {
  return variant === null ? stem : `${stem}.${variant}`;
}

/** The whole weights of a component in one file, by its name. */
export function parseWeightsName(name: string): IndexName | null {
  const [, stem = '', variant, format = ''] = WEIGHTS.exec(name) ?? [];
  return stem === '' ? null : { stem, format: format as WeightsFormat, variant: variant ?? null };
}

/** What programs load first: safetensors before pickles, the plain variant before others. */
export function compareWeights(a: IndexName, b: IndexName): number {
  const rank = ({ format, variant }: IndexName) => (format === 'bin' ? 4 : 0) + (VARIANTS.get(variant) ?? 2);
  return rank(a) - rank(b);
}

const VARIANTS: ReadonlyMap<string | null, number> = new Map([
  [null, 0],
  ['fp16', 1],
]);
