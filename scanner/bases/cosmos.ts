import type { BaseRecord } from './types.ts';

/** NVIDIA's Cosmos, and models built on it. */
export const COSMOS = {
  cosmos: {
    label: 'Cosmos',
    family: 'cosmos',
    makes: 'video',
    names: { trainers: ['cosmos'], civitai: [] },
    network: { kind: 'transformer' },
    textEncoders: [['t5-11b']],
    vae: 'self',
    size: [1280, 704],
    predictions: ['flow'],
    loraMarks: [{ layers: /^blocks_\d+_(?:self_attn_[qkv]_proj|mlp_layer1|adaln_modulation)/, input: [5120] }],
    profile: 'modern',
  },
  cosmos3: {
    label: 'Cosmos 3',
    family: 'cosmos',
    makes: 'video',
    names: { trainers: ['cosmos 3'], civitai: [] },
    network: { kind: 'transformer' },
    textEncoders: [],
    vae: 'wan',
    size: [1280, 704],
    predictions: ['flow'],
    profile: 'modern',
  },
  anima: {
    label: 'Anima',
    family: 'cosmos',
    makes: 'image',
    names: { trainers: ['anima'], civitai: ['Anima'] },
    network: { kind: 'transformer' },
    textEncoders: [['qwen3-0.6b']],
    vae: 'wan',
    size: [1024, 1024],
    predictions: ['flow'],
    loraMarks: [
      { layers: /^llm_adapter_/ },
      { layers: /^blocks_\d+_(?:self_attn_[qkv]_proj|mlp_layer1|adaln_modulation)/, input: [2048] },
    ],
    profile: 'modern',
  },
} as const satisfies Readonly<Record<string, BaseRecord>>;
