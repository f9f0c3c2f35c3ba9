import { expect, it } from 'vitest';
import { identify } from '#scanner/identify/index.ts';
import type { TensorTable } from '#scanner/tensors/index.ts';

type Layout = readonly (readonly [name: string, ...shape: number[]])[];

function tableOf(layout: Layout): TensorTable {
  const tensors = layout.map(([name, ...shape]) => ({
    name,
    dtype: 'F16' as const,
    shape,
    storage: {
      start: 0,
      elements: shape.reduce((product, size) => product * size, 1),
      offset: 0,
      stride: shape.map(() => 1),
    },
  }));
  return { tensors, nonTensors: [], refused: [], metadata: new Map(), pickle: null };
}

const UNET = 'model.diffusion_model.';
const unet = (channels: number, context: number, inputs = 4): Layout => [
  [`${UNET}input_blocks.0.0.weight`, channels, inputs, 3, 3],
  [`${UNET}input_blocks.0.0.bias`, channels],
  [`${UNET}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight`, channels * 2, context],
  [`${UNET}middle_block.1.transformer_blocks.0.attn2.to_k.weight`, channels * 4, context],
  [`${UNET}output_blocks.0.0.in_layers.0.weight`, channels * 8],
  [`${UNET}time_embed.0.weight`, channels * 4, channels],
  [`${UNET}out.2.weight`, 4, channels, 3, 3],
];
const adm = (width: number): Layout => [[`${UNET}label_emb.0.0.weight`, 1280, width]];
const VAE: Layout = [
  ['first_stage_model.decoder.conv_in.weight', 512, 4, 3, 3],
  ['first_stage_model.encoder.conv_in.weight', 128, 3, 3, 3],
  ['first_stage_model.quant_conv.weight', 8, 8, 1, 1],
];
const CLIP_L = 'cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.weight';
const OPEN_CLIP_H = 'cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight';
const XL_L = 'conditioner.embedders.0.transformer.text_model.encoder.layers.0.mlp.fc1.weight';
const XL_G = 'conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj_weight';
const REFINER_G = 'conditioner.embedders.0.model.transformer.resblocks.0.attn.in_proj_weight';

it.each<[string, Layout, { type: string; base: string }]>([
  ['SD 1.x', [...unet(320, 768), ...VAE, [CLIP_L, 3072, 768]], { type: 'checkpoint', base: 'sd1' }],
  ['SD 1.x inpainting', [...unet(320, 768, 9), ...VAE, [CLIP_L, 3072, 768]], { type: 'checkpoint', base: 'sd1' }],
  ['SD 2.x', [...unet(320, 1024), ...VAE, [OPEN_CLIP_H, 3072, 1024]], { type: 'checkpoint', base: 'sd2' }],
  [
    'SDXL',
    [...unet(320, 2048), ...adm(2816), ...VAE, [XL_L, 3072, 768], [XL_G, 3840, 1280]],
    { type: 'checkpoint', base: 'sdxl' },
  ],
  [
    'SDXL refiner',
    [...unet(384, 1280), ...adm(2560), ...VAE, [REFINER_G, 3840, 1280]],
    { type: 'checkpoint', base: 'sdxl-refiner' },
  ],
  [
    'SD 2.1 Turbo, which shares a key with the refiner',
    [...unet(320, 1024), ...VAE, [REFINER_G, 3072, 1024]],
    { type: 'checkpoint', base: 'sd2' },
  ],
  ['a backbone alone', unet(320, 768), { type: 'diffusion-model', base: 'sd1' }],
  [
    'a LoRA of rank 768 for SD 1.x',
    [
      ['lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight', 768, 768],
      ['lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_up.weight', 320, 768],
    ],
    { type: 'lora', base: 'sd1' },
  ],
  [
    'a LoRA for SDXL',
    [
      ['lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight', 8, 2048],
      ['lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_up.weight', 640, 8],
    ],
    { type: 'lora', base: 'sdxl' },
  ],
  ['an embedding for SD 2.x', [['emb_params', 4, 1024]], { type: 'embedding', base: 'sd2' }],
  [
    'an embedding for SDXL',
    [
      ['clip_l', 4, 768],
      ['clip_g', 4, 1280],
    ],
    { type: 'embedding', base: 'sdxl' },
  ],
  [
    'numbers of no known kind',
    [
      ['fc1.weight', 10, 20],
      ['fc1.bias', 10],
    ],
    { type: 'unknown', base: 'unknown' },
  ],
])('%s is known from its keys and shapes', (_, layout, expected) => {
  const identity = identify(tableOf(layout));

  expect({ type: identity.type, base: identity.base }).toEqual(expected);
  if (expected.type !== 'unknown') expect(identity.evidence.length).toBeGreaterThan(0);
});
