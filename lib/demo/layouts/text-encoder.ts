import { type LayoutTensor, layer, norm, upTo, weight } from './types.ts';

const TOKENS = 49_408;
const POSITIONS = 77;

/** Width and layers of a text encoder. */
export interface EncoderSize {
  width: number;
  depth: number;
}

const CLIP_L: EncoderSize = { width: 768, depth: 12 };
const OPEN_CLIP: Readonly<Record<'h' | 'g', EncoderSize>> = {
  h: { width: 1024, depth: 24 },
  g: { width: 1280, depth: 32 },
};

/** CLIP's text model as the transformers library names it, under `text_model.`: that of ViT-L, or a smaller one. */
export function clipLLayout({ width, depth } = CLIP_L): LayoutTensor[] {
  const layers = upTo(depth).flatMap((index) => {
    const name = `encoder.layers.${index}`;
    return [
      ...['k_proj', 'v_proj', 'q_proj', 'out_proj'].flatMap((part) => layer(`${name}.self_attn.${part}`, width, width)),
      ...norm(`${name}.layer_norm1`, width),
      ...layer(`${name}.mlp.fc1`, width * 4, width),
      ...layer(`${name}.mlp.fc2`, width, width * 4),
      ...norm(`${name}.layer_norm2`, width),
    ];
  });
  return [
    { name: 'embeddings.position_ids', shape: [1, POSITIONS], dtype: 'I64', fill: 'range' },
    weight('embeddings.token_embedding', TOKENS, width),
    weight('embeddings.position_embedding', POSITIONS, width),
    ...layers,
    ...norm('final_layer_norm', width),
  ];
}

/** The text half of an OpenCLIP model: H has 24 layers of 1024, bigG has 32 of 1280; or a smaller one. */
export function openClipLayout(size: 'h' | 'g' | EncoderSize): LayoutTensor[] {
  const { width, depth } = typeof size === 'string' ? OPEN_CLIP[size] : size;
  const blocks = upTo(depth).flatMap((index) => {
    const name = `transformer.resblocks.${index}`;
    return [
      ...norm(`${name}.ln_1`, width),
      { name: `${name}.attn.in_proj_weight`, shape: [width * 3, width] },
      { name: `${name}.attn.in_proj_bias`, shape: [width * 3] },
      ...layer(`${name}.attn.out_proj`, width, width),
      ...norm(`${name}.ln_2`, width),
      ...layer(`${name}.mlp.c_fc`, width * 4, width),
      ...layer(`${name}.mlp.c_proj`, width, width * 4),
    ];
  });
  return [
    { name: 'positional_embedding', shape: [POSITIONS, width] },
    { name: 'text_projection', shape: [width, width] },
    { name: 'logit_scale', shape: [], fill: [4.6052] },
    ...blocks,
    weight('token_embedding', TOKENS, width),
    ...norm('ln_final', width),
  ];
}
