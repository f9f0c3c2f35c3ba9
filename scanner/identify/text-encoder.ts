import type { KeyIndex } from './key-index.ts';

/** An encoder found in a file. */
export interface TextEncoder {
  /** `clip-l`, `openclip-h`, `t5-xxl`… */
  name: string;
  /** The deciding key, with its shape. */
  evidence: string;
  /** True for one that reads pictures, as IP-Adapters and image-to-video models want it. */
  vision: boolean;
}

/** Where each program keeps text encoders inside a checkpoint. */
const PREFIXES = [
  'cond_stage_model.transformer.',
  'cond_stage_model.model.',
  'conditioner.embedders.0.transformer.',
  'conditioner.embedders.0.model.',
  'conditioner.embedders.1.model.',
  'text_encoders.clip_l.transformer.',
  'text_encoders.clip_g.transformer.',
  'text_encoders.t5xxl.transformer.',
  'text_encoder.',
  'text_encoder_2.',
  'te.',
  'te.1.',
];

interface EncoderRow {
  name: string;
  /** The key under its prefix. */
  key: string;
  /** The size of its side `axis`, the last unless given; any where left out. */
  size?: number;
  axis?: number;
  /** Other keys that must be there. */
  also?: readonly string[];
  /** It reads pictures, not text. */
  vision?: true;
}

const FIRST = 'model.layers.0.input_layernorm.weight';
const VISION = 'layer_norm1.weight';

/** The first row that fits counts (ComfyUI `detect_te_model` and `clip_vision.py`). */
export const ENCODER_ROWS: readonly EncoderRow[] = [
  { name: 'openclip-g', key: 'transformer.resblocks.0.attn.in_proj_weight', size: 1280 },
  { name: 'openclip-h', key: 'transformer.resblocks.0.attn.in_proj_weight', size: 1024 },
  { name: 'clip-g', key: 'text_model.encoder.layers.30.mlp.fc1.weight', size: 1280 },
  { name: 'clip-h', key: 'text_model.encoder.layers.22.mlp.fc1.weight', size: 1024 },
  { name: 'clip-l', key: 'text_model.encoder.layers.0.mlp.fc1.weight', size: 768 },
  // Files made before transformers 4.0 leave `text_model.` out.
  { name: 'clip-l', key: 'encoder.layers.0.mlp.fc1.weight', size: 768 },
  {
    name: 'umt5-xxl',
    key: 'encoder.block.23.layer.1.DenseReluDense.wi_1.weight',
    size: 4096,
    also: ['encoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight'],
  },
  { name: 't5-xxl', key: 'encoder.block.23.layer.1.DenseReluDense.wi_1.weight', size: 4096 },
  { name: 't5-xl', key: 'encoder.block.23.layer.1.DenseReluDense.wi_1.weight', size: 2048 },
  { name: 't5-old', key: 'encoder.block.23.layer.1.DenseReluDense.wi.weight' },
  { name: 'byt5', key: 'encoder.block.0.layer.0.SelfAttention.k.weight', size: 384, axis: 0 },
  {
    name: 'gemma-3-4b',
    key: 'model.layers.0.post_feedforward_layernorm.weight',
    also: ['model.layers.0.self_attn.q_norm.weight'],
  },
  { name: 'gemma-2-2b', key: 'model.layers.0.post_feedforward_layernorm.weight', size: 2304 },
  { name: 'jina-clip', key: 'model.encoder.layers.0.mixer.Wqkv.weight' },
  { name: 'qwen2.5-3b', key: 'model.layers.0.self_attn.k_proj.bias', size: 256 },
  { name: 'qwen2.5-7b', key: 'model.layers.0.self_attn.k_proj.bias', size: 512 },
  { name: 'qwen3-0.6b', key: FIRST, size: 1024, also: ['model.layers.0.self_attn.q_norm.weight'] },
  { name: 'qwen3-4b', key: FIRST, size: 2560, also: ['model.layers.0.self_attn.q_norm.weight'] },
  { name: 'qwen3-8b', key: FIRST, size: 4096, also: ['model.layers.0.self_attn.q_norm.weight'] },
  { name: 'qwen3-4b', key: FIRST, size: 2560 },
  { name: 'qwen2.5-7b', key: FIRST, size: 3584 },
  { name: 'llama', key: 'model.layers.0.post_attention_layernorm.weight' },
  { name: 'clip-vision-g', key: `vision_model.encoder.layers.47.${VISION}`, vision: true },
  { name: 'siglip', key: `vision_model.encoder.layers.22.${VISION}`, size: 1152, vision: true },
  { name: 'clip-vision-h', key: `vision_model.encoder.layers.30.${VISION}`, vision: true },
  { name: 'clip-vision-l', key: `vision_model.encoder.layers.22.${VISION}`, vision: true },
  { name: 'openclip-vision', key: 'visual.transformer.resblocks.0.attn.in_proj_weight', vision: true },
];

/** Every text encoder inside a checkpoint. */
export function findTextEncoders(keys: KeyIndex): TextEncoder[] {
  return PREFIXES.flatMap((prefix) => {
    const encoder = matchEncoder(keys, prefix);
    return encoder === undefined ? [] : [encoder];
  });
}

/** The encoder that a file is, its names without any prefix. */
export function matchEncoder(keys: KeyIndex, prefix = ''): TextEncoder | undefined {
  const inner = keys.under(prefix);
  const row = ENCODER_ROWS.find(
    ({ key, size, axis = -1, also }) =>
      inner.has(key) &&
      (size === undefined || inner.side(key, axis) === size) &&
      (also === undefined || also.every((name) => inner.has(name))),
  );
  if (row === undefined) return undefined;
  return { name: row.name, evidence: keys.describeTensor(prefix + row.key), vision: row.vision === true };
}
