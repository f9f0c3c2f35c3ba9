import { baseRecord, type KnownBase } from '../bases/index.ts';
import { listUnetNames } from './expected-unet.ts';
import type { KeyIndex } from './key-index.ts';
import { findGaps } from './regularity.ts';

/** Names beyond this are counted and no more. */
const MAX_NAMES = 50;

/** Tensors by name: how many there are, and the first 50 of them. */
export interface NamedTensors {
  count: number;
  names: string[];
}

/** Parts of a checkpoint by the front of their names: networks, what quantisers leave next to them, and training. */
const KNOWN_PREFIXES =
  /^(?:model\.diffusion_model|diffusion_model|model_ema|first_stage_model|cond_stage_model|conditioner|text_encoders?(?:_[23])?|vae|unet|transformer|te|depth_model|embedder|control_model|denoiser|cc_projection|noise_augmentor|model\.model)\./;
/** Noise schedules that trainers keep, and marks of SDXL's predictions. */
const KNOWN_NAMES =
  /^(?:betas|alphas_cumprod(?:_prev)?|sqrt_\w+|log_one_minus_alphas_cumprod|posterior_\w+|logvar|v_pred|ztsnr|edm_\w+|edm_vpred\.\w+|logit_scale|scaled_fp8)$/;

/** Tensors of a checkpoint that belong to nothing that is known: leftovers of trainers and of other models. */
export function findSurplus(keys: KeyIndex, base: KnownBase, prefix: string, isPlain: boolean): NamedTensors {
  if (prefix === '') return nameFirst([]);
  const wanted = isPlain ? listUnetNames(base, prefix) : undefined;
  let front = prefix;
  const surplus = keys.names.filter((name) => {
    if (wanted?.has(name)) return false;
    if (name.startsWith(prefix)) return wanted !== undefined && !QUANTISED.test(name.slice(prefix.length));
    // Names of one part stand together.
    if (front !== prefix && name.startsWith(front)) return false;
    const known = KNOWN_PREFIXES.exec(name)?.[0];
    if (known !== undefined) front = known;
    return known === undefined && !KNOWN_NAMES.test(name);
  });
  return nameFirst(surplus);
}

/** What quantisers keep next to a weight. */
const QUANTISED =
  /(?:^scaled_fp8|\.(?:scale_weight|scale_input|weight_scale|comfy_quant|absmax|quant_map|SCB)|\.quant_state\..+)$/;

/**
 * Tensors that the network of this base has and the file lacks, by the list of the base or by what its blocks have alike.
 * Empty where neither is known.
 */
export function findMissing(keys: KeyIndex, base: KnownBase, prefix: string): NamedTensors {
  const missing: string[] = [];
  for (const name of listUnetNames(base, prefix) ?? []) if (!keys.has(name)) missing.push(name.slice(prefix.length));
  missing.push(...findGaps(keys.under(prefix), base, (name) => QUANTISED.test(name)));
  return nameFirst(missing);
}

function nameFirst(names: readonly string[]): NamedTensors {
  return { count: names.length, names: names.slice(0, MAX_NAMES) };
}

/** Parts that a checkpoint of this base needs and the file does not hold. */
export function findAbsent(base: KnownBase, components: readonly string[]): string[] {
  const record = baseRecord(base);
  return (record?.singleFile === true ? [['vae'], ...record.textEncoders] : [])
    .filter((names) => !names.some((name) => components.includes(name)))
    .map(([name = '']) => name);
}
