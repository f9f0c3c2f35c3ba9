import { listUnetNames, originalUnetName } from '../../identify/index.ts';
import type { ByName, Mapping } from './types.ts';

export const UNET = 'model.diffusion_model.';

/** The UNet of SD 1, 2 and XL under the names that LDM has for its tensors. */
export function mapUnet(tensors: ByName, base: string, variant: string | null): Mapping {
  const mapping: Mapping = { mapped: [], unmapped: [], missing: [], leftOut: [] };
  const withAttention = new Set<number>();
  for (const name of tensors.keys()) {
    const block = /^up_blocks\.(\d+)\.attentions\./.exec(name)?.[1];
    if (block !== undefined) withAttention.add(Number(block));
  }
  const names = new Set<string>();
  for (const [name, tensor] of tensors) {
    const dot = name.lastIndexOf('.');
    const own = originalUnetName(name.slice(0, dot), (block) => withAttention.has(block));
    if (own === undefined || names.has(own + name.slice(dot))) mapping.unmapped.push(name);
    else {
      names.add(own + name.slice(dot));
      mapping.mapped.push({ name: UNET + own + name.slice(dot), shape: tensor.shape, parts: [tensor] });
    }
  }
  // Distilled ones lack layers of their base, and their blocks have gaps where those were.
  const wanted =
    variant === 'distilled' || variant === 'ssd-1b' || variant === 'segmind-vega' ? undefined : listUnetNames(base);
  for (const name of wanted ?? listGaps(names)) if (!names.has(name)) mapping.missing.push(name);
  // A block that the base does not have would be passed over by programs, or end them.
  if (wanted !== undefined) mapping.unmapped.push(...[...names].filter((name) => !wanted.has(name)));
  return mapping;
}

/** Blocks are counted without gaps: one would shift all behind it. */
function listGaps(names: ReadonlySet<string>): string[] {
  return ['input_blocks', 'output_blocks'].flatMap((side) => {
    const found = new Set<number>();
    for (const name of names) {
      const index = name.startsWith(`${side}.`) ? /^\w+\.(\d+)\./.exec(name)?.[1] : undefined;
      if (index !== undefined) found.add(Number(index));
    }
    return Array.from({ length: Math.max(0, ...found) }, (_, index) => index)
      .filter((index) => !found.has(index))
      .map((index) => `${side}.${index}`);
  });
}
