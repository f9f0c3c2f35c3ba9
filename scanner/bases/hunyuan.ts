import type { BaseRecord } from './types.ts';

/** Tencent's Hunyuan models. */
export const HUNYUAN = {
  'hunyuan-dit': {
    label: 'HunyuanDiT',
    family: 'hunyuan',
    makes: 'image',
    names: { trainers: ['hunyuan dit'], civitai: ['Hunyuan 1'] },
    network: { kind: 'transformer' },
    textEncoders: [['bert'], ['mt5-xl']],
    vae: 'sdxl',
    size: [1024, 1024],
    predictions: ['v'],
    profile: 'modern',
  },
  'hunyuan-image': {
    label: 'HunyuanImage',
    family: 'hunyuan',
    makes: 'image',
    names: { trainers: ['hunyuan image'], civitai: [] },
    network: { kind: 'transformer' },
    textEncoders: [['qwen2.5-7b'], ['byt5']],
    vae: 'self',
    size: [2048, 2048],
    predictions: ['flow'],
    loraMarks: [
      {
        layers: /^double_blocks_\d+_(?:img|txt)_(?:attn|mlp)_|^single_blocks_\d+_linear1$/,
        input: [3584],
        first: true,
      },
    ],
    profile: 'modern',
  },
  'hunyuan-video': {
    label: 'HunyuanVideo',
    family: 'hunyuan',
    makes: 'video',
    names: { trainers: ['hunyuan video'], civitai: ['Hunyuan Video'] },
    network: { kind: 'transformer', sized: true },
    textEncoders: [['llama'], ['clip-l']],
    vae: 'self',
    size: [832, 480],
    predictions: ['flow'],
    common: true,
    loraMarks: [
      {
        layers:
          /^txt_in_individual_token_refiner_|^double_blocks_\d+_(?:img|txt)_(?:mlp_fc[12]|mod_linear)$|^double_blocks_19_/,
        first: true,
      },
      { layers: /^single_blocks_\d+_modulation_linear$/, first: true },
      // FLUX.1 ends at its single block 37, and the FLUX.2 that has more is wider.
      { layers: /^single_transformer_blocks_3[89]_|^single_blocks_3[89]_linear1$/, input: [3072], first: true },
    ],
    profile: 'modern',
  },
  hunyuan3d: {
    label: 'Hunyuan3D',
    family: 'hunyuan',
    makes: 'solid',
    names: { trainers: ['hunyuan3d'], civitai: [] },
    network: { kind: 'transformer' },
    textEncoders: [],
    vae: 'self',
    size: null,
    predictions: ['flow'],
    profile: 'modern',
  },
} as const satisfies Readonly<Record<string, BaseRecord>>;
