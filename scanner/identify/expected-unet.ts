import type { BaseId } from '../bases/index.ts';

/** A published UNet in the LDM layout: transformer blocks behind each residual block, on the way down. */
interface UnetPlan {
  /** One entry a level, each with two residual blocks: how deep its attention is, 0 for none. */
  levels: readonly number[];
  middle: number;
  /** Levels, from 0, whose first residual block widens: it has a connection of its own around it. */
  widening: readonly number[];
  hasVector: boolean;
}

const OLDER: UnetPlan = { levels: [1, 1, 1, 0], middle: 1, widening: [1, 2], hasVector: false };
const PLANS: ReadonlyMap<string, UnetPlan> = new Map<BaseId, UnetPlan>([
  ['sd1', OLDER],
  ['sd2', OLDER],
  ['sdxl', { levels: [0, 2, 10], middle: 10, widening: [1, 2], hasVector: true }],
  ['sdxl-refiner', { levels: [0, 4, 4, 0], middle: 4, widening: [1, 2], hasVector: true }],
]);

const BOTH = ['weight', 'bias'] as const;
const both = (name: string) => BOTH.map((part) => `${name}.${part}`);

/**
 * Names of all tensors in the UNet of a base, as the original training code names them (LDM and sgm, `openaimodel.py`),
 * behind the prefix under which the file has them. Undefined for bases whose list is not known here.
 */
export function listUnetNames(base: string, prefix = ''): ReadonlySet<string> | undefined {
  const plan = PLANS.get(base);
  if (plan === undefined) return undefined;
  const key = `${base} ${prefix}`;
  const known = lists.get(key) ?? new Set(unetLayout(plan).map((name) => prefix + name));
  lists.set(key, known);
  return known;
}

/** By base and prefix, of which there are a handful each. */
const lists = new Map<string, ReadonlySet<string>>();

function unetLayout({ levels, middle, widening, hasVector }: UnetPlan): string[] {
  const names = [...both('time_embed.0'), ...both('time_embed.2'), ...both('input_blocks.0.0')];
  if (hasVector) names.push(...both('label_emb.0.0'), ...both('label_emb.0.2'));

  let input = 1;
  levels.forEach((depth, level) => {
    for (let layer = 0; layer < 2; layer += 1, input += 1) {
      names.push(...listResidual(`input_blocks.${input}.0`, layer === 0 && widening.includes(level)));
      if (depth > 0) names.push(...listAttention(`input_blocks.${input}.1`, depth));
    }
    if (level < levels.length - 1) {
      names.push(...both(`input_blocks.${input}.0.op`));
      input += 1;
    }
  });

  names.push(...listResidual('middle_block.0', false), ...listAttention('middle_block.1', middle));
  names.push(...listResidual('middle_block.2', false));

  let output = 0;
  for (const [step, depth] of [...levels].reverse().entries()) {
    for (let layer = 0; layer < 3; layer += 1, output += 1) {
      names.push(...listResidual(`output_blocks.${output}.0`, true));
      if (depth > 0) names.push(...listAttention(`output_blocks.${output}.1`, depth));
      const stepsUp = layer === 2 && step < levels.length - 1;
      if (stepsUp) names.push(...both(`output_blocks.${output}.${depth > 0 ? 2 : 1}.conv`));
    }
  }
  names.push(...both('out.0'), ...both('out.2'));
  return names;
}

function listResidual(path: string, widens: boolean): string[] {
  const layers = ['in_layers.0', 'in_layers.2', 'emb_layers.1', 'out_layers.0', 'out_layers.3'];
  return [...layers, ...(widens ? ['skip_connection'] : [])].flatMap((layer) => both(`${path}.${layer}`));
}

function listAttention(path: string, depth: number): string[] {
  const names = ['norm', 'proj_in', 'proj_out'].flatMap((layer) => both(`${path}.${layer}`));
  for (let block = 0; block < depth; block += 1) {
    const inner = `${path}.transformer_blocks.${block}`;
    for (const attention of ['attn1', 'attn2']) {
      names.push(...['to_q', 'to_k', 'to_v'].map((part) => `${inner}.${attention}.${part}.weight`));
      names.push(...both(`${inner}.${attention}.to_out.0`));
    }
    for (const layer of ['ff.net.0.proj', 'ff.net.2', 'norm1', 'norm2', 'norm3'])
      names.push(...both(`${inner}.${layer}`));
  }
  return names;
}
