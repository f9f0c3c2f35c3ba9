/** A part of a transformer's tensor under the name that diffusers has for it. */
export interface TransformerPart {
  layer: string;
  first: number;
  rows: number;
}

/** Names that share a tensor's rows equally; with `proj_mlp` the first three take as many as it has columns, and that the rest. */
type Parts = readonly string[];

const QKV: Parts = ['attn_to_q', 'attn_to_k', 'attn_to_v'];
const ADDED_QKV: Parts = ['attn_add_q_proj', 'attn_add_k_proj', 'attn_add_v_proj'];

/**
 * Layers of FLUX.1 and SD 3 as their makers name them, and the layers of diffusers that lie in them (diffusers
 * `convert_flux_to_diffusers.py`, `convert_sd3_to_diffusers.py`).
 */
const BLOCKS: readonly (readonly [pattern: RegExp, block: string, parts: Readonly<Record<string, Parts>>])[] = [
  [
    /^double_blocks_(\d+)_(.+)$/,
    'transformer_blocks',
    {
      img_attn_qkv: QKV,
      txt_attn_qkv: ADDED_QKV,
      img_attn_proj: ['attn_to_out_0'],
      txt_attn_proj: ['attn_to_add_out'],
      img_mod_lin: ['norm1_linear'],
      txt_mod_lin: ['norm1_context_linear'],
      img_mlp_0: ['ff_net_0_proj'],
      img_mlp_2: ['ff_net_2'],
      txt_mlp_0: ['ff_context_net_0_proj'],
      txt_mlp_2: ['ff_context_net_2'],
    },
  ],
  [
    /^joint_blocks_(\d+)_(.+)$/,
    'transformer_blocks',
    {
      x_block_attn_qkv: QKV,
      x_block_attn2_qkv: ['attn2_to_q', 'attn2_to_k', 'attn2_to_v'],
      context_block_attn_qkv: ADDED_QKV,
      x_block_attn_proj: ['attn_to_out_0'],
      x_block_attn2_proj: ['attn2_to_out_0'],
      context_block_attn_proj: ['attn_to_add_out'],
      x_block_adaln_modulation_1: ['norm1_linear'],
      context_block_adaln_modulation_1: ['norm1_context_linear'],
      x_block_mlp_fc1: ['ff_net_0_proj'],
      x_block_mlp_fc2: ['ff_net_2'],
      context_block_mlp_fc1: ['ff_context_net_0_proj'],
      context_block_mlp_fc2: ['ff_context_net_2'],
    },
  ],
  [
    /^single_blocks_(\d+)_(.+)$/,
    'single_transformer_blocks',
    { linear1: [...QKV, 'proj_mlp'], linear2: ['proj_out'], modulation_lin: ['norm_linear'] },
  ],
];

/** Of SD 3's last block alone: what shifts and what scales stand the other way round in diffusers. */
const SWAPPED = /^joint_blocks_\d+_context_block_adaln_modulation_1$/;

/**
 * The layers of diffusers that lie in the tensor of one layer, which is named as its makers do, with underscores; none for
 * other networks. `shape` is that of the tensor.
 */
export function listTransformerParts(layer: string, [all = 0, input = 0]: readonly number[]): TransformerPart[] {
  const names = listPartNames(layer);
  if (hasSwappedRows(layer, [all, input])) return [];
  if (names.at(-1)?.endsWith('_proj_mlp')) {
    if (all <= 3 * input) return [];
    return names.map((name, index) => {
      const first = index * input;
      return { layer: name, first, rows: index < 3 ? input : all - first };
    });
  }
  const rows = all / names.length;
  return names.map((name, place) => ({ layer: name, first: place * rows, rows }));
}

/** Whether diffusers has the rows of this layer in another order, so that a module for one does not fit the other. */
export function hasSwappedRows(layer: string, [all = 0, input = 0]: readonly number[]): boolean {
  return SWAPPED.test(layer) && all === 2 * input;
}

/** The same layers by their names alone, in the order of their rows. */
export function listPartNames(layer: string): string[] {
  for (const [pattern, block, parts] of BLOCKS) {
    const [, index, rest = ''] = pattern.exec(layer) ?? [];
    const names = index === undefined ? undefined : parts[rest];
    if (names !== undefined) return names.map((name) => `${block}_${index}_${name}`);
  }
  return [];
}
