import { describe, expect, it } from 'vitest';
import { type IdentifyHints, identify } from '#scanner/identify/index.ts';
import { type Shapes, tensorTable, underPrefix } from '../../fixtures/tensor-table.ts';

const table = tensorTable;
const under = underPrefix;

/** The keys of an LDM UNet that identification reads. */
function unet(options: {
  context: number;
  channels?: number;
  inputs?: number;
  vector?: number;
  depths?: number[];
  middle?: boolean;
}): Shapes {
  const { context, channels = 320, inputs = 4, vector, depths = [1, 1, 1, 1, 1, 1], middle = true } = options;
  const levels = depths.length === 6 ? [1, 2, 4, 5, 7, 8] : [4, 5, 7, 8];
  const shapes: Shapes = {
    'input_blocks.0.0.weight': [channels, inputs, 3, 3],
    'output_blocks.0.0.in_layers.0.weight': [channels],
    'out.2.weight': [4, channels, 3, 3],
    'time_embed.0.weight': [1280, channels],
  };
  depths.forEach((depth, i) => {
    for (let block = 0; block < depth; block += 1) {
      const path = `input_blocks.${levels[i]}.1.transformer_blocks.${block}`;
      shapes[`${path}.attn1.to_q.weight`] = [640, 640];
      shapes[`${path}.attn2.to_k.weight`] = [640, context];
    }
  });
  if (vector !== undefined) shapes['label_emb.0.0.weight'] = [1280, vector];
  if (middle) shapes['middle_block.1.transformer_blocks.0.attn1.to_q.weight'] = [1280, 1280];
  return shapes;
}

const vae = { 'decoder.conv_in.weight': [512, 4, 3, 3], 'decoder.mid.block_1.norm1.weight': [512] };
const clipL = { 'text_model.encoder.layers.0.mlp.fc1.weight': [3072, 768] };
const openClip = (width: number) => ({
  'transformer.resblocks.0.attn.in_proj_weight': [width * 3, width],
  'ln_final.weight': [width],
});
const checkpoint = (network: Shapes, encoder: Shapes): Shapes => ({
  ...under('model.diffusion_model.', network),
  ...under('first_stage_model.', vae),
  ...encoder,
});
const sd1Encoder = under('cond_stage_model.transformer.', clipL);
const sd2Encoder = under('cond_stage_model.model.', openClip(1024));
const xlEncoders = {
  ...under('conditioner.embedders.0.transformer.', clipL),
  ...under('conditioner.embedders.1.model.', openClip(1280)),
};
const xlUnet = { context: 2048, vector: 2816, depths: [2, 2, 10, 10] };

describe('checkpoints', () => {
  it.each<[string, Shapes, object]>([
    ['SD 1.x', checkpoint(unet({ context: 768 }), sd1Encoder), { base: 'sd1', variant: null, prediction: 'epsilon' }],
    [
      'SD 1.x inpainting',
      checkpoint(unet({ context: 768, inputs: 9 }), sd1Encoder),
      { base: 'sd1', variant: 'inpaint' },
    ],
    ['SD 1.x pix2pix', checkpoint(unet({ context: 768, inputs: 8 }), sd1Encoder), { base: 'sd1', variant: 'pix2pix' }],
    ['SD 2.x', checkpoint(unet({ context: 1024 }), sd2Encoder), { base: 'sd2', variant: null, prediction: 'unknown' }],
    [
      'SD 2.x depth',
      checkpoint(unet({ context: 1024, inputs: 5 }), sd2Encoder),
      { base: 'sd2', variant: 'depth', prediction: 'epsilon' },
    ],
    [
      'SD 2.1 unCLIP',
      checkpoint(unet({ context: 1024, vector: 2048 }), sd2Encoder),
      { base: 'sd2', variant: 'unclip', prediction: 'v' },
    ],
    [
      'SD 2.1 Turbo',
      checkpoint(unet({ context: 1024 }), under('conditioner.embedders.0.model.', openClip(1024))),
      { base: 'sd2', variant: 'turbo' },
    ],
    ['SDXL', checkpoint(unet(xlUnet), xlEncoders), { base: 'sdxl', variant: null, prediction: 'epsilon' }],
    ['SDXL inpainting', checkpoint(unet({ ...xlUnet, inputs: 9 }), xlEncoders), { base: 'sdxl', variant: 'inpaint' }],
    [
      'SSD-1B',
      checkpoint(unet({ ...xlUnet, depths: [2, 2, 4, 4], middle: false }), xlEncoders),
      { base: 'sdxl', variant: 'ssd-1b' },
    ],
    [
      'the SDXL refiner',
      checkpoint(
        unet({ context: 1280, channels: 384, vector: 2560, depths: [4, 4, 4, 4] }),
        under('conditioner.embedders.0.model.', openClip(1280)),
      ),
      { base: 'sdxl-refiner', variant: null },
    ],
    [
      'v-prediction SDXL',
      { ...checkpoint(unet(xlUnet), xlEncoders), v_pred: [0], ztsnr: [0] },
      { base: 'sdxl', variant: 'v-prediction', prediction: 'v' },
    ],
  ])('tells %s', (_what, shapes, expected) => {
    expect(identify(table(shapes))).toMatchObject({
      type: 'checkpoint',
      confidence: 'certain',
      merge: false,
      ...expected,
    });
  });

  it('lists what is inside and cites the key that decided the base', () => {
    const shapes = {
      ...checkpoint(unet({ context: 768 }), sd1Encoder),
      'model_ema.decay': [],
      'lora_unet_x.lora_down.weight': [4, 320],
    };
    const identity = identify(table(shapes));
    expect(identity.components).toEqual(['unet', 'vae', 'clip-l', 'ema', 'lora']);
    expect(identity.evidence).toContainEqual({
      field: 'base',
      source: 'weights',
      detail: 'model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight [640,768]',
    });
  });

  it('says when network and text encoder belong to different bases', () => {
    const identity = identify(table(checkpoint(unet({ context: 768 }), sd2Encoder)));
    expect(identity.base).toBe('sd1');
    expect(identity.problems).toContainEqual(expect.stringMatching(/text encoder \(openclip-h\)/));
  });

  it('calls a backbone alone a diffusion model', () => {
    expect(identify(table(unet({ context: 768 })))).toMatchObject({
      type: 'diffusion-model',
      base: 'sd1',
      components: ['unet'],
    });
  });

  it('leaves a UNet of a width nobody uses unknown', () => {
    const identity = identify(table(checkpoint(unet({ context: 999 }), sd1Encoder), {}), { filename: 'sdxl.ckpt' });
    expect(identity).toMatchObject({ type: 'checkpoint', base: 'unknown', confidence: 'low' });
    expect(identity.problems[0]).toMatch(/text width 999/);
  });

  it('reads the diffusers layout', () => {
    const shapes = {
      'conv_in.weight': [320, 9, 3, 3],
      'up_blocks.1.resnets.0.conv1.weight': [640, 1280, 3, 3],
      'down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight': [640, 2048],
      'down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight': [640, 640],
      'add_embedding.linear_1.weight': [1280, 2816],
    };
    expect(identify(table(shapes))).toMatchObject({ type: 'diffusion-model', base: 'sdxl', variant: 'inpaint' });
  });

  it.each([
    [
      'flux1',
      'dev',
      {
        'double_blocks.0.img_attn.norm.key_norm.scale': [128],
        'img_in.weight': [3072, 64],
        'guidance_in.in_layer.weight': [3072, 256],
      },
    ],
    ['flux1', 'schnell', { 'double_blocks.0.img_attn.norm.key_norm.scale': [128], 'img_in.weight': [3072, 64] }],
    [
      'chroma',
      null,
      {
        'double_blocks.0.img_attn.norm.key_norm.scale': [128],
        'img_in.weight': [3072, 64],
        'distilled_guidance_layer.in_proj.bias': [5120],
      },
    ],
    ['sd3', null, { 'joint_blocks.0.context_block.attn.qkv.weight': [4608, 1536] }],
    ['z-image', null, { 'cap_embedder.1.weight': [3840, 2560], 'layers.0.adaLN_modulation.0.weight': [1, 1] }],
    ['lumina2', null, { 'cap_embedder.1.weight': [2304, 2304] }],
  ])('tells the transformer %s %s', (base, variant, shapes) => {
    expect(identify(table(shapes))).toMatchObject({ type: 'diffusion-model', base, variant, prediction: 'flow' });
  });
});

describe('the two kinds of SD 2.x', () => {
  const shapes = checkpoint(unet({ context: 1024 }), sd2Encoder);
  const probe = 'model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias';
  const spread = (size: number): IdentifyHints => ({
    readTensor: (name) =>
      name === probe ? Float32Array.from({ length: 320 }, (_, i) => (i % 2 ? size : -size)) : null,
  });

  it('are told by the spread of one bias', () => {
    expect(identify(table(shapes), spread(0.2))).toMatchObject({ prediction: 'v', variant: 'v-prediction' });
    expect(identify(table(shapes), spread(0.05))).toMatchObject({ prediction: 'epsilon', variant: null });
  });

  it('are told by the training step where the bias cannot be read', () => {
    const pickle = { scalars: new Map([['global_step', 110_000]]) };
    expect(identify(table(shapes, { pickle })).prediction).toBe('v');
  });

  it('follow what metadata states before that', () => {
    const metadata = { 'modelspec.prediction_type': 'epsilon' };
    expect(identify(table(shapes, { metadata }), spread(0.2)).prediction).toBe('epsilon');
  });
});

describe('LoRAs', () => {
  const pair = (module: string, input: number, output = 640, rank = 8): Shapes => ({
    [`${module}.lora_down.weight`]: [rank, input],
    [`${module}.lora_up.weight`]: [output, rank],
    [`${module}.alpha`]: [],
  });
  const attention = 'lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k';

  it.each<[string, Shapes, string, string]>([
    ['SD 1.x', pair(attention, 768), 'lora', 'sd1'],
    ['SD 2.x', pair(attention, 1024), 'lora', 'sd2'],
    ['SDXL', pair('lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k', 2048), 'lora', 'sdxl'],
    ['rank 768 on SD 1.x', pair(attention, 768, 640, 768), 'lora', 'sd1'],
    ['SDXL by depth alone', pair('lora_unet_input_blocks_7_1_transformer_blocks_5_attn1_to_q', 1280), 'lora', 'sdxl'],
    ['SDXL text only', pair('lora_te2_text_model_encoder_layers_0_self_attn_q_proj', 1280), 'lora', 'sdxl'],
    ['SD 1.x text only', pair('lora_te_text_model_encoder_layers_0_self_attn_q_proj', 768), 'lora', 'sd1'],
    ['FLUX.1', pair('lora_unet_double_blocks_0_img_attn_qkv', 3072, 9216), 'lora', 'flux1'],
    ['FLUX.1, the feed-forward alone', pair('lora_unet_double_blocks_0_img_mlp_0', 3072, 12288), 'lora', 'flux1'],
    ['FLUX.2, the feed-forward alone', pair('lora_unet_double_blocks_0_img_mlp_0', 3072, 18432), 'lora', 'flux2'],
    ['FLUX.1, its last single block', pair('lora_unet_single_blocks_37_linear1', 3072, 21504), 'lora', 'flux1'],
    [
      'HunyuanVideo, one block further',
      pair('lora_unet_single_blocks_38_linear1', 3072, 21504),
      'lora',
      'hunyuan-video',
    ],
    ['FLUX.2, as far but wider', pair('lora_unet_single_blocks_38_linear1', 6144, 55296), 'lora', 'flux2'],
    ['HunyuanVideo modulation', pair('lora_unet_double_blocks_3_img_mod_linear', 3072, 18432), 'lora', 'hunyuan-video'],
    ['HunyuanVideo singles', pair('lora_unet_single_blocks_3_modulation_linear', 3072, 9216), 'lora', 'hunyuan-video'],
    [
      'diffusers HunyuanVideo',
      pair('lora_transformer_single_transformer_blocks_38_attn_to_q', 3072, 3072),
      'lora',
      'hunyuan-video',
    ],
    ['FLUX.1, its last block', pair('lora_transformer_transformer_blocks_18_attn_add_q_proj', 3072), 'lora', 'flux1'],
    [
      'Qwen-Image attention',
      pair('lora_transformer_transformer_blocks_19_attn_add_q_proj', 3072),
      'lora',
      'qwen-image',
    ],
    ['Cosmos', pair('lora_unet_blocks_3_self_attn_q_proj', 5120), 'lora', 'cosmos'],
    [
      'diffusers FLUX.1',
      {
        'transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight': [16, 3072],
        'transformer.single_transformer_blocks.0.attn.to_q.lora_B.weight': [3072, 16],
      },
      'lora',
      'flux1',
    ],
    [
      'PEFT',
      {
        'unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight': [8, 768],
        'unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.lora_B.weight': [640, 8],
      },
      'lora',
      'sd1',
    ],
    [
      'LoCon',
      {
        ...pair(attention, 768),
        'lora_unet_down_blocks_0_resnets_0_conv1.lora_down.weight': [8, 320, 3, 3],
        'lora_unet_down_blocks_0_resnets_0_conv1.lora_up.weight': [320, 8, 1, 1],
      },
      'locon',
      'sd1',
    ],
    ['DoRA', { ...pair(attention, 768), [`${attention}.dora_scale`]: [1, 768] }, 'dora', 'sd1'],
    [
      'LoHa',
      {
        [`${attention}.hada_w1_a`]: [640, 4],
        [`${attention}.hada_w1_b`]: [4, 768],
        [`${attention}.hada_w2_a`]: [640, 4],
        [`${attention}.hada_w2_b`]: [4, 768],
      },
      'loha',
      'sd1',
    ],
    [
      'LoKr with both factors whole',
      { [`${attention}.lokr_w1`]: [8, 16], [`${attention}.lokr_w2`]: [80, 128] },
      'lokr',
      'sdxl',
    ],
    [
      'LoKr with a split factor',
      { [`${attention}.lokr_w1`]: [8, 8], [`${attention}.lokr_w2_a`]: [80, 4], [`${attention}.lokr_w2_b`]: [4, 96] },
      'lokr',
      'sd1',
    ],
    ['differences', { [`${attention}.diff`]: [640, 768] }, 'full', 'sd1'],
  ])('tells %s', (_what, shapes, algorithm, base) => {
    expect(identify(table(shapes))).toMatchObject({ type: 'lora', algorithm, base });
  });

  it('is not sure where only the position tells', () => {
    const shapes = pair('lora_unet_up_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q', 1280);
    expect(identify(table(shapes))).toMatchObject({ base: 'sdxl', confidence: 'medium' });
  });

  describe('that changes only the middle', () => {
    const shapes = pair('lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q', 1280);

    it('stays unknown', () => {
      const identity = identify(table(shapes));
      expect(identity).toMatchObject({ base: 'unknown', confidence: 'low' });
      expect(identity.problems).toHaveLength(1);
    });

    it('takes the base from metadata, then from the file name', () => {
      const metadata = {
        ss_base_model_version: 'sdxl_base_v1-0',
        'modelspec.architecture': 'stable-diffusion-v1/lora',
      };
      expect(identify(table(shapes, { metadata }))).toMatchObject({ base: 'sdxl', confidence: 'medium' });
      expect(identify(table(shapes), { filename: 'thing_sdxl.safetensors' })).toMatchObject({
        base: 'sdxl',
        confidence: 'low',
      });
    });
  });

  it('lets weights win over metadata that contradicts them, and says so', () => {
    const identity = identify(
      table(pair('lora_unet_double_blocks_0_img_attn_qkv', 3072), { metadata: { ss_base_model_version: 'sd_1.5' } }),
    );
    expect(identity.base).toBe('flux1');
    expect(identity.problems).toContainEqual(expect.stringMatching(/metadata says sd1/));
  });

  it.each([
    [{ ss_sd_model_name: 'ponyDiffusionV6XL_v6.safetensors' }, 'pony'],
    [{ ss_sd_model_name: '889818.safetensors' }, 'illustrious'],
    [{ ss_sd_model_name: 'urn:air:sdxl:checkpoint:civitai:257749@290640' }, 'pony'],
    [{ ss_sd_model_name: 'None', 'modelspec.title': 'fantasyIllustration' }, null],
  ])('reads the family from %j', (metadata, family) => {
    const shapes = pair('lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k', 2048);
    expect(identify(table(shapes, { metadata })).family).toBe(family);
  });
});

describe('small files', () => {
  it.each<[string, Shapes, string]>([
    ['kohya SD 1.x', { emb_params: [4, 768] }, 'sd1'],
    ['kohya SD 2.x', { emb_params: [4, 1024] }, 'sd2'],
    ['SDXL', { clip_l: [2, 768], clip_g: [2, 1280] }, 'sdxl'],
    ['FLUX.1', { clip_l: [2, 768], t5xxl: [2, 4096] }, 'flux1'],
    ['FLUX.1 of OneTrainer', { clip_l: [2, 768], t5: [2, 4096] }, 'flux1'],
    ['SD 3', { clip_l: [2, 768], clip_g: [2, 1280], t5xxl: [2, 4096] }, 'sd3'],
    ['diffusers', { '<cat>': [768] }, 'sd1'],
  ])('tells a %s embedding', (_what, shapes, base) => {
    expect(identify(table(shapes))).toMatchObject({ type: 'embedding', base });
  });

  it('tells a hypernetwork by its numbered keys', () => {
    const shapes = { '768.0.linear.0.weight': [1536, 768], '320.0.linear.0.weight': [640, 320] };
    expect(identify(table(shapes, { pickle: { rootKeys: [768, 320, 'name'] } }))).toMatchObject({
      type: 'hypernetwork',
      base: 'sd1',
    });
  });

  it('is not certain of an embedding whose text encoders several bases read', () => {
    const shapes = { clip_l: [2, 768], clip_g: [2, 1280], t5xxl: [2, 4096] };
    const { confidence, candidates } = identify(table(shapes));
    expect(confidence).toBe('medium');
    expect(candidates).toEqual(expect.arrayContaining(['sd3', 'sd3.5']));
  });

  it.each([
    ['sd1', [320, 640, 768, 1280]],
    ['sd2', [320, 640, 1024, 1280]],
  ])('tells a hypernetwork for %s in a safetensors file by the names of its layers', (base, widths) => {
    const shapes = Object.fromEntries(
      widths.flatMap((width) =>
        [0, 1].flatMap((side): [string, number[]][] => [
          [`${width}.${side}.linear.0.weight`, [width * 2, width]],
          [`${width}.${side}.linear.0.bias`, [width * 2]],
          [`${width}.${side}.linear.1.weight`, [width, width * 2]],
          [`${width}.${side}.linear.1.bias`, [width]],
        ]),
      ),
    );
    expect(identify(table(shapes))).toMatchObject({ type: 'hypernetwork', base, confidence: 'certain' });
    // Layers of other widths than the names say are something else.
    const odd = Object.fromEntries(Object.keys(shapes).map((name) => [name, [8, 8]]));
    expect(identify(table(odd)).type).not.toBe('hypernetwork');
  });

  it('leaves the base of a four-channel VAE open, and takes a hint from its name at low confidence', () => {
    expect(identify(table(vae))).toMatchObject({ type: 'vae', base: 'unknown' });
    expect(identify(table(vae), { filename: 'sdxl_vae.safetensors' })).toMatchObject({
      base: 'sdxl',
      confidence: 'low',
    });
  });

  it('tells text encoders', () => {
    expect(identify(table(clipL))).toMatchObject({ type: 'text-encoder', components: ['clip-l'] });
    expect(identify(table(openClip(1280)))).toMatchObject({ type: 'text-encoder', components: ['openclip-g'] });
  });

  it('leaves what it does not know unknown', () => {
    expect(identify(table({ 'layer.weight': [10, 10] }))).toMatchObject({
      type: 'unknown',
      base: 'unknown',
      evidence: [],
    });
    expect(identify(table({}))).toMatchObject({ type: 'unknown' });
  });
});

describe('control networks', () => {
  const control = under('control_model.', {
    'zero_convs.0.0.weight': [320, 320, 1, 1],
    'input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight': [640, 768],
  });

  it('are told before the backbone that some carry', () => {
    expect(identify(table(control))).toMatchObject({ type: 'controlnet', base: 'sd1' });
    const bundled = { ...checkpoint(unet({ context: 768 }), sd1Encoder), ...control };
    expect(identify(table(bundled))).toMatchObject({
      type: 'controlnet',
      base: 'sd1',
      components: ['controlnet', 'unet'],
    });
  });

  it('are told in the diffusers layout', () => {
    const shapes = {
      'controlnet_cond_embedding.conv_in.weight': [16, 3, 3, 3],
      'conv_in.weight': [320, 4, 3, 3],
      'down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight': [640, 2048],
    };
    expect(identify(table(shapes))).toMatchObject({ type: 'controlnet', base: 'sdxl' });
  });

  it('tell FaceID from the LoRA whose keys it carries', () => {
    const shapes = {
      'image_proj.proj.0.weight': [1024, 512],
      'ip_adapter.0.to_q_lora.down.weight': [128, 320],
      'ip_adapter.0.to_q_lora.up.weight': [320, 128],
      'ip_adapter.1.to_k_ip.weight': [320, 768],
    };
    expect(identify(table(shapes))).toMatchObject({ type: 'ip-adapter', base: 'sd1' });
  });
});

describe('merges', () => {
  const shapes = checkpoint(unet({ context: 768 }), sd1Encoder);
  const recipe = (method: string) => JSON.stringify({ type: 'webui', interp_method: method }).replace('":"', '": "');

  it('are what a recipe records', () => {
    expect(identify(table(shapes, { metadata: { sd_merge_recipe: recipe('Weighted sum') } })).merge).toBe(true);
    expect(identify(table(shapes, { metadata: { 'modelspec.merged_from': 'a, b' } })).merge).toBe(true);
  });

  it('are not what a conversion records', () => {
    expect(identify(table(shapes, { metadata: { sd_merge_recipe: recipe('No interpolation') } })).merge).toBe(false);
  });
});
