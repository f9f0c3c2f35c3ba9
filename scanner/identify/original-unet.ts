import { canonicalUnetName } from './module-names.ts';

/** What a residual block consists of, as LDM names it. */
const RESIDUAL = ['in_layers.0', 'in_layers.2', 'emb_layers.1', 'out_layers.0', 'out_layers.3', 'skip_connection'];
/** Outside the blocks of the way down and up. */
const OTHERS = [
  'input_blocks.0.0',
  'time_embed.0',
  'time_embed.2',
  'label_emb.0.0',
  'label_emb.0.2',
  'out.0',
  'out.2',
  ...['middle_block.0', 'middle_block.2'].flatMap((block) => RESIDUAL.map((part) => `${block}.${part}`)),
];
/** More than any network of these layouts has on the way down or up. */
const MOST_BLOCKS = 18;

const ATTENTION = /^((?:down_blocks\.\d+|up_blocks\.\d+|mid_block)\.attentions\.\d+)\.(.+)$/;
const UPSAMPLER = /^up_blocks\.(\d+)\.upsamplers\.0\.conv$/;

/**
 * LDM's name of a module of a UNet that diffusers names so, without `.weight`: the other way round than `canonicalUnetName`,
 * and made by it. `hasAttention` tells whether a block of the way up has any, for the step up stands behind it.
 * Undefined for modules that LDM's layout has no place for.
 */
export function originalUnetName(module: string, hasAttention: (upBlock: number) => boolean): string | undefined {
  table ??= makeTable();
  const [, stem, rest] = ATTENTION.exec(module) ?? [];
  if (stem !== undefined && rest !== undefined) {
    const own = table.get(flat(stem));
    return own === undefined ? undefined : `${own}.${rest}`;
  }
  const block = UPSAMPLER.exec(module)?.[1];
  if (block !== undefined) return `output_blocks.${Number(block) * 3 + 2}.${hasAttention(Number(block)) ? 2 : 1}.conv`;
  return table.get(flat(module));
}

/** By the name that `canonicalUnetName` gives: modules, and attentions by what stands before their layers. */
let table: ReadonlyMap<string, string> | undefined;

function makeTable(): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const add = (name: string, own: string) => {
    if (name !== flat(own) && !names.has(name)) names.set(name, own);
  };
  const addAttention = (own: string) => add(canonicalUnetName(`${flat(own)}_norm`).replace(/_norm$/, ''), own);
  for (const own of OTHERS) add(canonicalUnetName(flat(own)), own);
  addAttention('middle_block.1');
  for (const side of ['input', 'output']) {
    for (let index = side === 'input' ? 1 : 0; index < MOST_BLOCKS; index += 1) {
      const block = `${side}_blocks.${index}`;
      const isStepDown = side === 'input' && index % 3 === 0;
      if (isStepDown) {
        add(canonicalUnetName(flat(`${block}.0.op`)), `${block}.0.op`);
        continue;
      }
      for (const part of RESIDUAL) add(canonicalUnetName(flat(`${block}.0.${part}`)), `${block}.0.${part}`);
      addAttention(`${block}.1`);
    }
  }
  return names;
}

function flat(name: string): string {
  return name.replaceAll('.', '_');
}
