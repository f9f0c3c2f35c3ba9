import type { KeyIndex } from './key-index.ts';

/** A text encoder found in a file. */
export interface TextEncoder {
  /** `clip-l`, `openclip-h`, `t5-xxl`… */
  name: string;
  /** The deciding key, with its shape. */
  cited: string;
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
  /** The key under its prefix, and the size of its last side. */
  key: string;
  size: number;
  none?: string;
}

/** The first row of each prefix counts. */
const ROWS: readonly EncoderRow[] = [
  { name: 'openclip-g', key: 'transformer.resblocks.0.attn.in_proj_weight', size: 1280 },
  { name: 'openclip-h', key: 'transformer.resblocks.0.attn.in_proj_weight', size: 1024 },
  { name: 'clip-g', key: 'text_model.encoder.layers.30.mlp.fc1.weight', size: 1280 },
  { name: 'clip-h', key: 'text_model.encoder.layers.22.mlp.fc1.weight', size: 1024 },
  { name: 'clip-l', key: 'text_model.encoder.layers.0.mlp.fc1.weight', size: 768 },
  // Files made before transformers 4.0 leave `text_model.` out.
  { name: 'clip-l', key: 'encoder.layers.0.mlp.fc1.weight', size: 768 },
  { name: 't5-xxl', key: 'encoder.block.23.layer.1.DenseReluDense.wi_1.weight', size: 4096 },
  { name: 't5-xl', key: 'encoder.block.23.layer.1.DenseReluDense.wi_1.weight', size: 2048 },
  { name: 'gemma-2-2b', key: 'model.layers.0.post_feedforward_layernorm.weight', size: 2304 },
  { name: 'qwen3-4b', key: 'model.layers.0.input_layernorm.weight', size: 2560 },
  { name: 'qwen2.5-7b', key: 'model.layers.0.input_layernorm.weight', size: 3584 },
];

/** Every text encoder inside a checkpoint. */
export function findTextEncoders(keys: KeyIndex): TextEncoder[] {
  return PREFIXES.flatMap((prefix) => {
    const encoder = matchEncoder(keys, prefix);
    return encoder === undefined ? [] : [encoder];
  });
}

/** The text encoder that a file is, its names without any prefix. */
export function matchEncoder(keys: KeyIndex, prefix = ''): TextEncoder | undefined {
  const row = ROWS.find(({ key, size }) => keys.side(prefix + key, -1) === size);
  return row === undefined ? undefined : { name: row.name, cited: keys.cite(prefix + row.key) };
}
