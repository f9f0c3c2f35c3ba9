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
    profile: 'modern',
  },
} as const satisfies Readonly<Record<string, BaseRecord>>;
