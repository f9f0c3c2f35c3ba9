import { diffusersVaeNames, originalVaeNames } from '../../identify/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import type { ByName, Mapping } from './types.ts';

const VAE = 'first_stage_model.';
const RESIDUAL = ['norm1', 'conv1', 'norm2', 'conv2'];
const BOTH = ['weight', 'bias'];

/** The VAE of SD 1, 2 and XL under the names that LDM has for its tensors. */
export function mapVae(tensors: ByName): Mapping {
  const mapping: Mapping = { mapped: [], unmapped: [], missing: [], leftOut: [] };
  const used = new Set<string>();
  const add = (from: string, to: string, { isOptional = false, isMatrix = false } = {}) => {
    for (const part of BOTH) {
      const tensor = tensors.get(`${from}.${part}`);
      if (tensor === undefined) {
        if (!isOptional) mapping.missing.push(`${to}.${part}`);
        continue;
      }
      used.add(`${from}.${part}`);
      mapping.mapped.push({ name: `${VAE}${to}.${part}`, shape: shapeOf(tensor, isMatrix), parts: [tensor] });
    }
  };

  for (const half of ['encoder', 'decoder'] as const) {
    const own = originalVaeNames(half);
    const theirs = diffusersVaeNames(half, (name) => tensors.has(name));
    const addResidual = (from: string, to: string) => {
      for (const part of RESIDUAL) add(`${from}.${part}`, `${to}.${part}`);
      add(`${from}.${theirs.shortcut}`, `${to}.${own.shortcut}`, { isOptional: true });
    };
    add(`${half}.conv_in`, `${half}.conv_in`);
    add(`${half}.conv_out`, `${half}.conv_out`);
    add(theirs.outputNorm, own.outputNorm);
    const levels = countParts(tensors, theirs.levels);
    for (let level = 0; level < levels; level += 1) {
      const ownLevel = own.backwards ? levels - 1 - level : level;
      const blocks = countParts(tensors, theirs.residuals(level));
      // The decoder's levels have a residual block more.
      for (let block = 0; block < Math.max(blocks, half === 'encoder' ? 2 : 3); block += 1)
        addResidual(theirs.residual(level, block), own.residual(ownLevel, block));
      add(theirs.resample(level), own.resample(ownLevel), { isOptional: level === levels - 1 });
    }
    for (const index of [0, 1] as const) addResidual(theirs.middle[index], own.middle[index]);
    add(`${theirs.attention}.${theirs.attentionNorm}`, `${own.attention}.${own.attentionNorm}`);
    for (const [index, part] of theirs.projections.entries())
      add(`${theirs.attention}.${part}`, `${own.attention}.${own.projections[index]}`, { isMatrix: true });
  }
  for (const name of ['quant_conv', 'post_quant_conv']) add(name, name);
  mapping.unmapped.push(...[...tensors.keys()].filter((name) => !used.has(name)));
  return mapping;
}

/** LDM has 1×1 convolutions where diffusers has matrices. */
function shapeOf({ shape }: Tensor, isMatrix: boolean): readonly number[] {
  return isMatrix && shape.length === 2 ? [...shape, 1, 1] : shape;
}

function countParts(tensors: ByName, stem: string): number {
  let count = 0;
  for (const name of tensors.keys()) {
    const index = name.startsWith(stem) ? /^\d{1,2}(?=\.)/.exec(name.slice(stem.length))?.[0] : undefined;
    if (index !== undefined) count = Math.max(count, Number(index) + 1);
  }
  return count;
}
