/** A part of a transformer's tensor under the name that diffusers has for it. */
export interface TransformerPart {
  layer: string;
  first: number;
  rows: number;
}

/** What takes all of a tensor's rows, or thirds of them, or thirds of so many hidden widths and the rest. */
type Parts = readonly string[];

const QKV: Parts = ['attn_to_q', 'attn_to_k', 'attn_to_v'];
const ADDED_QKV: Parts = ['attn_add_q_proj', 'attn_add_k_proj', 'attn_add_v_proj'];

/**
 * Layers of FLUX.1 and SD 3 as their makers name them, and the layers of diffusers that lie in them (diffusers
 * `convert_flux_to_diffusers.py`, `convert_sd3_to_diffusers.py`). Several names share the rows equally.
 */
const BLOCKS: readonly (readonly [pattern: RegExp, block: string, parts: Readonly<Record<string, Parts>>])[] = [
  [
    /^double_blocks\.(\d+)\.(.+)$/,
    'transformer_blocks',
    {
      'img_attn.qkv': QKV,
      'txt_attn.qkv': ADDED_QKV,
      'img_attn.proj': ['attn_to_out_0'],
      'txt_attn.proj': ['attn_to_add_out'],
      'img_mod.lin': ['norm1_linear'],
      'txt_mod.lin': ['norm1_context_linear'],
      'img_mlp.0': ['ff_net_0_proj'],
      'img_mlp.2': ['ff_net_2'],
      'txt_mlp.0': ['ff_context_net_0_proj'],
      'txt_mlp.2': ['ff_context_net_2'],
    },
  ],
  [
    /^joint_blocks\.(\d+)\.(.+)$/,
    'transformer_blocks',
    {
      'x_block.attn.qkv': QKV,
      'x_block.attn2.qkv': ['attn2_to_q', 'attn2_to_k', 'attn2_to_v'],
      'context_block.attn.qkv': ADDED_QKV,
      'x_block.attn.proj': ['attn_to_out_0'],
      'x_block.attn2.proj': ['attn2_to_out_0'],
      'context_block.attn.proj': ['attn_to_add_out'],
      'x_block.adaLN_modulation.1': ['norm1_linear'],
      'context_block.adaLN_modulation.1': ['norm1_context_linear'],
      'x_block.mlp.fc1': ['ff_net_0_proj'],
      'x_block.mlp.fc2': ['ff_net_2'],
      'context_block.mlp.fc1': ['ff_context_net_0_proj'],
      'context_block.mlp.fc2': ['ff_context_net_2'],
    },
  ],
  [
    /^single_blocks\.(\d+)\.(.+)$/,
    'single_transformer_blocks',
    { linear2: ['proj_out'], 'modulation.lin': ['norm_linear'] },
  ],
];

/** The layers of diffusers that lie in the tensor of one layer; none for other networks. `path` has no `.weight`. */
export function listTransformerParts(path: string, shape: readonly number[]): TransformerPart[] {
  const [all = 0, input = 0] = shape;
  const joined = /^single_blocks\.(\d+)\.linear1$/.exec(path);
  if (joined !== null && all > 3 * input) {
    const block = `single_transformer_blocks_${joined[1]}`;
    const parts = QKV.map((name, index) => ({ layer: `${block}_${name}`, first: index * input, rows: input }));
    return [...parts, { layer: `${block}_proj_mlp`, first: 3 * input, rows: all - 3 * input }];
  }
  for (const [pattern, block, parts] of BLOCKS) {
    const [, index, rest = ''] = pattern.exec(path) ?? [];
    const names = index === undefined ? undefined : parts[rest];
    if (names === undefined) continue;
    const rows = all / names.length;
    return names.map((name, place) => ({ layer: `${block}_${index}_${name}`, first: place * rows, rows }));
  }
  return [];
}
