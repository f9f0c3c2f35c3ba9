import type { Dtype, Tensor } from '../tensors/index.ts';

/** Types of a file's numbers, and how many there are. */
export interface Precision {
  /** Numbers in all tensors, without what quantisers and LoRAs keep next to them. */
  parameters: number;
  /** safetensors' names of types in lower case, the one with the most numbers first; schemes of quantisers behind them. */
  precision: string[];
}

/** Names that only a quantised file has → the scheme. */
const SCHEMES: readonly (readonly [RegExp, string])[] = [
  [/\.quant_state\.bitsandbytes__nf4$/, 'nf4'],
  [/\.quant_state\.bitsandbytes__fp4$/, 'fp4'],
  [/\.SCB$/, 'llm-int8'],
  [/\.(?:wscales|wtscale|smooth_factor|smooth_factor_orig)$/, 'svdquant'],
  [/(?:^|\.)scaled_fp8$|\.(?:scale_weight|weight_scale)$/, 'scaled'],
];
const BESIDE =
  /(?:^|\.)scaled_fp8$|\.(?:scale_weight|scale_input|input_scale|weight_scale|weight_scale_2|weight_scales|comfy_quant|absmax|quant_map|nested_absmax|nested_quant_map|SCB|alpha|wscales|wcscales|wzeros|wtscale|smooth_factor|smooth_factor_orig|proj_down|proj_up|lora_down|lora_up)$|\.quant_state\./;

const NONE: ReadonlyMap<string, string> = new Map();
/** Types in which quantisers keep numbers that others scale. */
const QUANTISED_TYPES: ReadonlySet<Dtype> = new Set<Dtype>(['U8', 'I8', 'I32', 'F4', 'F8_E4M3', 'F8_E5M2']);
const BLOCKS = '_blocks';
const SCALES = '_scales';

/** Which quantiser packed a weight, by what stands next to it. */
class Packing {
  readonly #schemes: Set<string>;
  /** Types by name; null where no tensor is of a type that quantisers use. */
  readonly #types: ReadonlyMap<string, Dtype> | null;
  #hasScaledFp8 = false;

  constructor(tensors: readonly Tensor[], schemes: Set<string>) {
    this.#schemes = schemes;
    this.#types = tensors.some(({ dtype }) => QUANTISED_TYPES.has(dtype))
      ? new Map(tensors.map(({ name, dtype }) => [name, dtype]))
      : null;
  }

  /** Scales of the blocks of MXFP4 as OpenAI's models name them. */
  isScale(name: string): boolean {
    return name.endsWith(SCALES) && this.#types?.has(name.slice(0, -SCALES.length) + BLOCKS) === true;
  }

  /** How many numbers each element of a tensor holds. Notes the scheme. */
  numbersPerElement(name: string, dtype: Dtype): number {
    if (this.#types === null || !QUANTISED_TYPES.has(dtype)) return 1;
    // Two numbers of 4 bits in a byte, eight in a word of 32 bits (nunchaku's two kinds of layers).
    if (name.endsWith('.qweight')) return dtype === 'I32' ? 8 : 2;
    if (name.endsWith(BLOCKS) && this.#types.has(name.slice(0, -BLOCKS.length) + SCALES)) return this.#note('mxfp4', 2);
    const scale = this.#types.get(`${name}_scale`) ?? this.#types.get(`${name}_scales`);
    if (scale !== undefined) return this.#ofScaled(name, dtype, scale);
    const isBitsAndBytes =
      dtype === 'U8' && (this.#types.has(`${name}.absmax`) || this.#types.has(`${name}.quant_map`));
    return isBitsAndBytes || (dtype === 'U8' && this.#hasState(name)) ? 2 : 1;
  }

  #hasState(name: string): boolean {
    return ['nf4', 'fp4'].some((scheme) => this.#types?.has(`${name}.quant_state.bitsandbytes__${scheme}`));
  }

  #ofScaled(name: string, dtype: Dtype, scale: Dtype): number {
    if (dtype === 'F4' || dtype === 'U8') {
      const isNvidia = scale === 'F8_E4M3' || this.#types?.has(`${name}_scale_2`) === true;
      return this.#note(isNvidia ? 'nvfp4' : 'mxfp4', dtype === 'F4' ? 1 : 2);
    }
    if (dtype === 'I8') return this.#note('int8', 1);
    if (scale === 'F8_E8M0' || scale === 'U8') return this.#note('mxfp8', 1);
    this.#hasScaledFp8 = true;
    return 1;
  }

  #note(scheme: string, numbers: number): number {
    this.#schemes.add(scheme);
    return numbers;
  }

  /** Scales alone look like those of fp8: what they belong to says more. */
  finish(): void {
    const isOther = ['nvfp4', 'mxfp4', 'mxfp8', 'int8'].some((scheme) => this.#schemes.has(scheme));
    if (isOther && !this.#hasScaledFp8) this.#schemes.delete('scaled');
  }
}

/** nunchaku writes the class of the model, and how its weights are quantized, into the metadata. */
function schemesOfNunchaku(metadata: ReadonlyMap<string, string>): string[] {
  if (metadata.get('model_class')?.startsWith('Nunchaku') !== true) return [];
  const weight = /"weight"\s*:\s*\{[^{}]*"dtype"\s*:\s*"(int4|fp4)/.exec(
    metadata.get('quantization_config') ?? '',
  )?.[1];
  return weight === undefined ? ['svdquant'] : ['svdquant', weight];
}

/** True for what quantisers and LoRAs keep next to a tensor. */
export function isBeside(name: string): boolean {
  return BESIDE.test(name);
}

/** Counts parameters by type. A small part in another type (norms kept in 32 bits) is listed behind the main one. */
export function measurePrecision(tensors: readonly Tensor[], metadata: ReadonlyMap<string, string> = NONE): Precision {
  const counts = new Map<string, number>();
  const schemes = new Set<string>();
  const packing = new Packing(tensors, schemes);
  let parameters = 0;
  for (const { name, dtype, shape } of tensors) {
    // Nearly every name ends like this, and a search through it costs more than all the rest.
    const isWeight = name.endsWith('.weight') || name.endsWith('.bias');
    if (!isWeight && (BESIDE.test(name) || packing.isScale(name))) {
      const scheme = SCHEMES.find(([pattern]) => pattern.test(name))?.[1];
      if (scheme !== undefined) schemes.add(scheme);
      continue;
    }
    let count = 1;
    for (const size of shape) count *= size;
    count *= packing.numbersPerElement(name, dtype);
    parameters += count;
    counts.set(dtype, (counts.get(dtype) ?? 0) + count);
  }
  packing.finish();
  for (const scheme of schemesOfNunchaku(metadata)) schemes.add(scheme);
  const types = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  return { parameters, precision: [...types.map(([dtype]) => dtype.toLowerCase()), ...schemes] };
}
