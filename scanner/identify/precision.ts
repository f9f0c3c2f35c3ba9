import type { Tensor } from '../tensors/index.ts';

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
  [/\.(?:wscales|wtscale|smooth_factor)$/, 'svdquant'],
  [/(?:^|\.)scaled_fp8$|\.(?:scale_weight|weight_scale)$/, 'scaled'],
];
const BESIDE =
  /(?:^|\.)scaled_fp8$|\.(?:scale_weight|scale_input|weight_scale|comfy_quant|absmax|quant_map|nested_absmax|nested_quant_map|SCB|alpha|wscales|wtscale|smooth_factor)$|\.quant_state\./;

/** True for what quantisers and LoRAs keep next to a tensor. */
export function isBeside(name: string): boolean {
  return BESIDE.test(name);
}

/** Counts parameters by type. A small part in another type (norms kept in 32 bits) is listed behind the main one. */
export function measurePrecision(tensors: readonly Tensor[]): Precision {
  const counts = new Map<string, number>();
  const schemes = new Set<string>();
  let parameters = 0;
  for (const { name, dtype, shape } of tensors) {
    // Nearly every name ends like this, and a search through it costs more than all the rest.
    const isWeight = name.endsWith('.weight') || name.endsWith('.bias');
    if (!isWeight && BESIDE.test(name)) {
      const scheme = SCHEMES.find(([pattern]) => pattern.test(name))?.[1];
      if (scheme !== undefined) schemes.add(scheme);
      continue;
    }
    let count = 1;
    for (const size of shape) count *= size;
    parameters += count;
    counts.set(dtype, (counts.get(dtype) ?? 0) + count);
  }
  const types = [...counts].filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a);
  return { parameters, precision: [...types.map(([dtype]) => dtype.toLowerCase()), ...schemes] };
}
