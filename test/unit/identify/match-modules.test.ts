import { describe, expect, it } from 'vitest';
import { fullLayout } from '#lib/demo/index.ts';
import { judgePairing, matchModules } from '#scanner/identify/index.ts';

const header = (kind: Parameters<typeof fullLayout>[0]) => ({ tensors: fullLayout(kind) });
const lora = (modules: Record<string, [output: number, input: number]>) => ({
  tensors: Object.entries(modules).flatMap(([name, [output, input]]) => [
    { name: `${name}.lora_down.weight`, shape: [4, input] },
    { name: `${name}.lora_up.weight`, shape: [output, 4] },
  ]),
});

describe('the layers of an adapter in a checkpoint', () => {
  it.each([
    ['lora-sd1', 'sd1', 264],
    ['lora-sd1', 'sd1-inpaint', 264],
    ['lora-sd2', 'sd2', 330],
    ['lora-sdxl', 'sdxl', 986],
  ] as const)('%s finds all of its layers in %s', (adapter, checkpoint, modules) => {
    const match = matchModules(header(adapter), header(checkpoint));
    expect(match).toMatchObject({ fit: 'compatible', compared: modules, matched: modules, share: 1, missing: [] });
  });

  it.each([
    ['lora-sd1', 'sd2'],
    ['lora-sd1', 'sdxl'],
    ['lora-sdxl', 'sd1'],
    ['lora-sdxl', 'sdxl-refiner'],
  ] as const)('%s does not fit %s', (adapter, checkpoint) => {
    const match = matchModules(header(adapter), header(checkpoint));
    expect(match.fit).not.toBe('compatible');
    expect(match.missing.length).toBeGreaterThan(0);
  });

  it('knows a layer by its name in either layout', () => {
    const names = [
      'lora_unet_input_blocks_4_1_transformer_blocks_1_attn2_to_k',
      'lora_unet_down_blocks_1_attentions_0_transformer_blocks_1_attn2_to_k',
      'unet.down_blocks.1.attentions.0.transformer_blocks.1.attn2.processor.to_k',
      'lora_unet_output_blocks_5_1_transformer_blocks_0_attn2_to_k',
      'lora_unet_up_blocks_1_attentions_2_transformer_blocks_0_attn2_to_k',
    ];
    const match = matchModules(lora(Object.fromEntries(names.map((name) => [name, [640, 2048]]))), header('sdxl'));
    expect(match).toMatchObject({ matched: 5, missing: [] });
  });

  it('knows convolutions, the steps down and up, and the layers around the blocks', () => {
    const modules: Record<string, [number, number]> = {
      lora_unet_conv_in: [320, 4],
      lora_unet_time_embedding_linear_1: [1280, 320],
      lora_unet_add_embedding_linear_1: [1280, 2816],
      lora_unet_down_blocks_0_downsamplers_0_conv: [320, 320],
      lora_unet_down_blocks_0_resnets_1_conv2: [320, 320],
      lora_unet_down_blocks_1_resnets_0_conv_shortcut: [640, 320],
      lora_unet_mid_block_resnets_1_time_emb_proj: [1280, 1280],
      lora_unet_up_blocks_0_upsamplers_0_conv: [1280, 1280],
      lora_unet_up_blocks_2_resnets_2_conv1: [320, 640],
      lora_unet_conv_out: [4, 320],
    };
    expect(matchModules(lora(modules), header('sdxl')).missing).toEqual([]);
  });

  it('counts a layer of another width as missing', () => {
    const names: Record<string, [number, number]> = {
      lora_unet_middle_block_1_proj_in: [1280, 1280],
      lora_unet_middle_block_1_proj_out: [1280, 640],
    };
    const match = matchModules(lora(names), header('sdxl'));
    expect(match).toMatchObject({ fit: 'partial', share: 0.5, missing: ['lora_unet_middle_block_1_proj_out'] });
  });

  it('leaves layers of text encoders aside where the checkpoint has none', () => {
    const backbone = header('sd1').tensors.filter(({ name }) => name.startsWith('model.diffusion_model.'));
    const match = matchModules(header('lora-sd1'), { tensors: backbone });
    expect(match).toMatchObject({ fit: 'compatible', compared: 192, withoutNetwork: 72 });
  });

  it('compares transformers that name their layers alike, and says nothing of those that do not', () => {
    const checkpoint = {
      tensors: [
        { name: 'model.diffusion_model.double_blocks.0.img_attn.qkv.weight', shape: [9216, 3072] },
        { name: 'model.diffusion_model.single_blocks.0.linear1.weight', shape: [21504, 3072] },
      ],
    };
    const original = lora({ lora_unet_double_blocks_0_img_attn_qkv: [9216, 3072] });
    expect(matchModules(original, checkpoint)).toMatchObject({ fit: 'compatible', matched: 1 });
    const diffusers = lora({ 'transformer.transformer_blocks.0.attn.to_q': [3072, 3072] });
    expect(matchModules(diffusers, checkpoint)).toMatchObject({ fit: 'unknown', share: null });
  });

  it('says nothing of a file that is no adapter', () => {
    expect(matchModules(header('sd1'), header('sd1'))).toMatchObject({ fit: 'unknown', compared: 0 });
  });
});

describe('an adapter and a checkpoint by what they are', () => {
  const of = (base: string, rest: { variant?: string; family?: string; prediction?: 'v' | 'epsilon' } = {}) => ({
    base,
    variant: rest.variant ?? null,
    family: rest.family ?? null,
    prediction: rest.prediction ?? ('unknown' as const),
  });

  it.each([
    [of('sd1'), of('sd1', { variant: 'inpaint' }), 'compatible', null],
    [of('sd1'), of('sdxl'), 'incompatible', /for sd1, the checkpoint is sdxl/],
    [of('sdxl'), of('sdxl-refiner'), 'incompatible', /refiner has a different architecture/],
    [of('sdxl'), of('sdxl', { variant: 'ssd-1b' }), 'partial', /smaller SDXL/],
    [of('sdxl', { variant: 'ssd-1b' }), of('sdxl', { variant: 'ssd-1b' }), 'compatible', null],
    [of('sdxl'), of('kolors'), 'partial', /text encoder/],
    [of('sdxl', { family: 'pony' }), of('sdxl', { family: 'illustrious' }), 'compatible', /trained on pony/],
    [
      of('sdxl', { prediction: 'epsilon' }),
      of('sdxl', { prediction: 'v' }),
      'compatible',
      /colors or contrast may be wrong/,
    ],
    [of('flux1', { variant: 'dev' }), of('flux1', { variant: 'schnell' }), 'compatible', null],
    [of('flux1'), of('chroma'), 'partial', /modulation/],
    [of('flux1'), of('flux2'), 'incompatible', /for flux1/],
    [of('flux2', { variant: 'klein-4b' }), of('flux2', { variant: 'dev' }), 'incompatible', /for flux2 klein-4b/],
    [of('wan', { variant: '14b' }), of('wan', { variant: '1.3b' }), 'incompatible', /for wan 14b/],
    [of('wan', { variant: '14b' }), of('wan', { variant: '14b' }), 'compatible', null],
    [of('sd3'), of('sd3.5', { variant: 'large' }), 'incompatible', /different architectures/],
    [of('unknown'), of('sd1'), 'unknown', null],
  ])('%o on %o: %s', (adapter, host, fit, warning) => {
    const pairing = judgePairing(adapter, host);
    expect(pairing.fit).toBe(fit);
    if (warning === null) expect(pairing.warnings).toEqual([]);
    else expect(pairing.warnings.join(' ')).toMatch(warning);
  });
});
