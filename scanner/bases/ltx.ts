import type { BaseRecord } from './types.ts';

/** Lightricks' LTX. */
export const LTX = {
  'ltx-video': {
    label: 'LTX-Video',
    family: 'ltx',
    makes: 'video',
    names: { trainers: ['ltx', 'ltx video'], civitai: ['LTXV'] },
    network: { kind: 'transformer', sized: true },
    textEncoders: [['t5-xxl']],
    vae: 'self',
    size: [768, 512],
    predictions: ['flow'],
    common: true,
    profile: 'modern',
  },
  'ltx-2': {
    label: 'LTX-2',
    family: 'ltx',
    makes: 'video',
    names: { trainers: ['ltx2', 'ltx 2'], civitai: ['LTXV2', 'LTXV 2.3'] },
    network: { kind: 'transformer' },
    textEncoders: [['gemma-3-12b']],
    vae: 'self',
    size: [768, 512],
    predictions: ['flow'],
    profile: 'modern',
  },
} as const satisfies Readonly<Record<string, BaseRecord>>;
