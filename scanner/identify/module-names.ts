/**
 * Names of the same layer in the two layouts of Stable Diffusion's networks. LDM's names become those of diffusers, dots
 * as underscores: what trainers write is that already. Other names stay as they are.
 */
export function canonicalUnetName(path: string): string {
  const xlabs = XLABS.exec(path);
  if (xlabs !== null) return `${xlabs[1]}_${xlabs[3] === '1' ? 'img' : 'txt'}_attn_${xlabs[2]}`;
  const cleaned = path.replace('_processor_', '_').replace(/_to_out$/, '_to_out_0');
  for (const [pattern, replacement] of FIXED) if (pattern.test(cleaned)) return cleaned.replace(pattern, replacement);
  const [, side, index, place, rest = ''] = BLOCK.exec(cleaned) ?? [];
  if (side === undefined) return cleaned;
  return side === 'input'
    ? nameInput(Number(index), Number(place), rest)
    : nameOutput(Number(index), Number(place), rest);
}

/** XLabs numbers what FLUX.1 keeps for pictures and for text. */
const XLABS = /^(double_blocks_\d+)_processor_(qkv|proj)_lora([12])$/;

const BLOCK = /^(input|output)_blocks_(\d+)_(\d+)_(.+)$/;

const FIXED: readonly (readonly [RegExp, string])[] = [
  [/^input_blocks_0_0(?=_|$)/, 'conv_in'],
  [/^out_0(?=_|$)/, 'conv_norm_out'],
  [/^out_2(?=_|$)/, 'conv_out'],
  [/^time_embed_0(?=_|$)/, 'time_embedding_linear_1'],
  [/^time_embed_2(?=_|$)/, 'time_embedding_linear_2'],
  [/^label_emb_0_0(?=_|$)/, 'add_embedding_linear_1'],
  [/^label_emb_0_2(?=_|$)/, 'add_embedding_linear_2'],
  [/^middle_block_1_/, 'mid_block_attentions_0_'],
  [/^middle_block_0_in_layers_0/, 'mid_block_resnets_0_norm1'],
  [/^middle_block_0_in_layers_2/, 'mid_block_resnets_0_conv1'],
  [/^middle_block_0_emb_layers_1/, 'mid_block_resnets_0_time_emb_proj'],
  [/^middle_block_0_out_layers_0/, 'mid_block_resnets_0_norm2'],
  [/^middle_block_0_out_layers_3/, 'mid_block_resnets_0_conv2'],
  [/^middle_block_2_in_layers_0/, 'mid_block_resnets_1_norm1'],
  [/^middle_block_2_in_layers_2/, 'mid_block_resnets_1_conv1'],
  [/^middle_block_2_emb_layers_1/, 'mid_block_resnets_1_time_emb_proj'],
  [/^middle_block_2_out_layers_0/, 'mid_block_resnets_1_norm2'],
  [/^middle_block_2_out_layers_3/, 'mid_block_resnets_1_conv2'],
];

const RESNET: readonly (readonly [RegExp, string])[] = [
  [/^in_layers_0/, 'norm1'],
  [/^in_layers_2/, 'conv1'],
  [/^emb_layers_1/, 'time_emb_proj'],
  [/^out_layers_0/, 'norm2'],
  [/^out_layers_3/, 'conv2'],
  [/^skip_connection/, 'conv_shortcut'],
];

/** Down: two layers and the step down make three input blocks, behind the first convolution. */
function nameInput(index: number, place: number, rest: string): string {
  const block = Math.floor((index - 1) / 3);
  const layer = (index - 1) % 3;
  if (layer === 2) return `down_blocks_${block}_downsamplers_0_${rest.replace(/^op/, 'conv')}`;
  return `down_blocks_${block}_${place === 0 ? nameResnet(layer, rest) : `attentions_${layer}_${rest}`}`;
}

/** Up: three layers a block, the last with the step up behind its attention or in its place. */
function nameOutput(index: number, place: number, rest: string): string {
  const block = Math.floor(index / 3);
  const layer = index % 3;
  if (place > 0 && rest.startsWith('conv')) return `up_blocks_${block}_upsamplers_0_${rest}`;
  return `up_blocks_${block}_${place === 0 ? nameResnet(layer, rest) : `attentions_${layer}_${rest}`}`;
}

function nameResnet(layer: number, rest: string): string {
  const [pattern, name] = RESNET.find(([part]) => part.test(rest)) ?? [];
  return `resnets_${layer}_${pattern === undefined || name === undefined ? rest : rest.replace(pattern, name)}`;
}

/**
 * The layers of a text encoder's tensor under the names of transformers, with their rows: OpenCLIP keeps queries, keys and
 * values in one tensor, and LoRAs change them one by one.
 */
export function listTextLayers(
  name: string,
  [output = 0, input = 0]: readonly number[],
): [name: string, output: number, input: number][] {
  const resblock = /^(?:transformer\.)?resblocks\.(\d+)\.(.+)$/.exec(name);
  if (resblock === null) {
    const layer = name.replace(/\.weight$/, '');
    return [
      [(layer.startsWith('encoder.layers.') ? `text_model.${layer}` : layer).replaceAll('.', '_'), output, input],
    ];
  }
  const path = `text_model_encoder_layers_${resblock[1]}`;
  const part = resblock[2] ?? '';
  if (part === 'attn.in_proj_weight')
    return ['q', 'k', 'v'].map((one) => [`${path}_self_attn_${one}_proj`, output / 3, input]);
  const layer = OPEN_CLIP_LAYERS[part.replace(/\.weight$/, '')];
  // Norms are no matrices.
  return layer === undefined || input === 0 ? [] : [[`${path}_${layer.replaceAll('.', '_')}`, output, input]];
}

/** Layers of a block of OpenCLIP's text encoder, and what transformers calls them, besides queries, keys and values. */
export const OPEN_CLIP_LAYERS: Readonly<Record<string, string>> = {
  ln_1: 'layer_norm1',
  ln_2: 'layer_norm2',
  'attn.out_proj': 'self_attn.out_proj',
  'mlp.c_fc': 'mlp.fc1',
  'mlp.c_proj': 'mlp.fc2',
};
