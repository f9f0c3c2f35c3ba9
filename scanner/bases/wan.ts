import type { BaseRecord } from './types.ts';

/** Alibaba's Wan, and models built on it. */
export const WAN = {
  wan: {
    label: 'Wan',
    family: 'wan',
    makes: 'video',
    names: { trainers: ['wan', 'wan video'], civitai: ['Wan Video'] },
    network: { kind: 'transformer', regular: true, sized: true },
    textEncoders: [['umt5-xxl']],
    vae: 'self',
    size: [832, 480],
    predictions: ['flow'],
    common: true,
    loraMarks: [
      { variant: 'i2v', layers: /^blocks_\d+_cross_attn_[kv]_img$/ },
      { variant: '1.3b', layers: /^blocks_\d+_(?:self|cross)_attn_[qkvo]$/, input: [1536] },
      { variant: '5b', layers: /^blocks_\d+_(?:self|cross)_attn_[qkvo]$/, input: [3072] },
      { variant: '14b', layers: /^blocks_\d+_(?:self|cross)_attn_[qkvo]$/, input: [5120] },
    ],
    profile: 'modern',
  },
  helios: {
    label: 'Helios',
    family: 'wan',
    makes: 'video',
    names: { trainers: [], civitai: [] },
    network: { kind: 'transformer' },
    textEncoders: [['umt5-xxl']],
    vae: 'wan',
    size: [832, 480],
    predictions: ['flow'],
    profile: 'modern',
  },
  'sana-video': {
    label: 'SANA-Video',
    family: 'wan',
    makes: 'video',
    names: { trainers: ['sana video'], civitai: [] },
    network: { kind: 'transformer' },
    textEncoders: [['gemma-2-2b']],
    vae: 'wan',
    size: [832, 480],
    predictions: ['flow'],
    profile: 'modern',
  },
} as const satisfies Readonly<Record<string, BaseRecord>>;
