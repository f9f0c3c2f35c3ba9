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
    loraMarks: [
      { layers: /^patchify_proj$/ },
      { layers: /^transformer_blocks_\d+_attn2_to_[kv]$/, input: [2048, 4096] },
    ],
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
    loraMarks: [{ layers: /^transformer_blocks_\d+_(?:audio_attn1|audio_to_video_attn)/, first: true }],
    profile: 'modern',
  },
} as const satisfies Readonly<Record<string, BaseRecord>>;
