import type { BaseRecord } from './types.ts';

/** Alibaba's Qwen-Image, and models that share its layout. */
export const QWEN = {
  'qwen-image': {
    label: 'Qwen-Image',
    family: 'qwen',
    makes: 'image',
    names: { trainers: ['qwen image'], civitai: ['Qwen'] },
    network: { kind: 'transformer', regular: true },
    textEncoders: [['qwen2.5-7b']],
    vae: 'wan',
    size: [1328, 1328],
    predictions: ['flow'],
    common: true,
    loraMarks: [
      { layers: /^transformer_blocks_\d+_(?:img|txt)_(?:mlp|mod)_/ },
      // FLUX.1 has the same names and width, in 19 blocks.
      { layers: /^transformer_blocks_(?:19|[2-9]\d)_attn_(?:add_[qkv]_proj|to_[qkv])$/, input: [3072], first: true },
    ],
    profile: 'modern',
  },
  mageflow: {
    label: 'MageFlow',
    family: 'qwen',
    makes: 'image',
    names: { trainers: [], civitai: [] },
    network: { kind: 'transformer' },
    textEncoders: [['qwen3-4b']],
    vae: 'self',
    size: [1024, 1024],
    predictions: ['flow'],
    profile: 'modern',
  },
  lens: {
    label: 'Lens',
    family: 'qwen',
    makes: 'image',
    names: { trainers: [], civitai: [] },
    network: { kind: 'transformer' },
    textEncoders: [],
    vae: 'self',
    size: [1024, 1024],
    predictions: ['flow'],
    profile: 'modern',
  },
  'joy-image': {
    label: 'JoyImage',
    family: 'qwen',
    makes: 'image',
    names: { trainers: [], civitai: [] },
    network: { kind: 'transformer' },
    textEncoders: [],
    vae: 'wan',
    size: [1024, 1024],
    predictions: ['flow'],
    profile: 'modern',
  },
} as const satisfies Readonly<Record<string, BaseRecord>>;
