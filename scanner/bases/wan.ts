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
