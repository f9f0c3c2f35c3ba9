import { describe, expect, it } from 'vitest';
import { fullLayout } from '#lib/demo/index.ts';
import { identify } from '#scanner/identify/index.ts';
import { type Shapes, tensorTable } from '../../fixtures/tensor-table.ts';

const layout = (kind: Parameters<typeof fullLayout>[0]): Shapes =>
  Object.fromEntries(fullLayout(kind).map(({ name, shape }) => [name, shape]));
const what = (shapes: Shapes) => identify(tensorTable(shapes));

describe('whole checkpoints with something else in them', () => {
  it('are checkpoints where a LoRA was left behind, which is named', () => {
    const lora = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k';
    const identity = what({
      ...layout('sd1'),
      [`${lora}.lora_down.weight`]: [4, 768],
      [`${lora}.lora_up.weight`]: [320, 4],
      [`${lora}.alpha`]: [],
    });
    expect(identity).toMatchObject({ type: 'checkpoint', base: 'sd1', missingTensors: { count: 0 } });
    expect(identity.components).toContain('lora');
    expect(identity.surplusTensors).toEqual({
      count: 3,
      names: [`${lora}.lora_down.weight`, `${lora}.lora_up.weight`, `${lora}.alpha`],
    });
  });

  it('are ControlNets where one is inside, as control_sd15 was published', () => {
    const control = Object.fromEntries(
      Object.entries(layout('sd1'))
        .filter(([name]) => /^model\.diffusion_model\.(?:input_blocks|middle_block|time_embed)\./.test(name))
        .map(([name, shape]) => [name.replace('model.diffusion_model.', 'control_model.'), shape]),
    );
    const identity = what({
      ...layout('sd1'),
      ...control,
      'control_model.zero_convs.0.0.weight': [320, 320, 1, 1],
      'control_model.input_hint_block.0.weight': [16, 3, 3, 3],
    });
    expect(identity).toMatchObject({ type: 'controlnet', base: 'sd1' });
    expect(identity.components).toContain('unet');
  });

  it('lack by name what was cut out of them', () => {
    const whole = layout('sdxl');
    const cut = 'model.diffusion_model.output_blocks.3.1.transformer_blocks.0.attn1.to_q.weight';
    const { [cut]: _, ...rest } = whole;
    const identity = what(rest);
    expect(identity).toMatchObject({
      type: 'checkpoint',
      base: 'sdxl',
      missingTensors: { count: 1, names: [cut.replace('model.diffusion_model.', '')] },
    });
    expect(identity.problems.join()).toContain('1679 of 1680 tensors');
  });
});

describe('FLUX.1 in four bits', () => {
  const linear = (name: string, output: number, input: number): Shapes => ({
    [`${name}.weight`]: [(output * input) / 2, 1],
    [`${name}.weight.absmax`]: [(output * input) / 64],
    [`${name}.weight.quant_map`]: [16],
    [`${name}.weight.quant_state.bitsandbytes__nf4`]: [97],
    [`${name}.bias`]: [output],
  });
  const network: Shapes = {
    'double_blocks.0.img_attn.norm.key_norm.scale': [128],
    ...linear('double_blocks.0.img_attn.qkv', 9216, 3072),
    ...linear('single_blocks.0.linear1', 21504, 3072),
    ...linear('guidance_in.in_layer', 3072, 256),
    'img_in.weight': [3072, 64],
    'txt_in.weight': [3072, 4096],
  };
  const under = (prefix: string) =>
    Object.fromEntries(Object.entries(network).map(([name, shape]) => [prefix + name, shape]));

  it.each(['', 'model.diffusion_model.'])('is FLUX.1, and said to be in nf4, under "%s"', (prefix) => {
    const identity = what(under(prefix));
    expect(identity).toMatchObject({ type: 'diffusion-model', base: 'flux1' });
    expect(identity.precision).toContain('nf4');
  });

  it('is FLUX.1 also where the first layer has lost its shape', () => {
    const identity = what({ ...under(''), ...linear('img_in', 3072, 64) });
    expect(identity).toMatchObject({ type: 'diffusion-model', base: 'flux1' });
  });
});

describe('kinds that share what others test alone', () => {
  it.each([
    ['sd1', 'sd1', null],
    ['sd2', 'sd2', null],
    ['sdxl', 'sdxl', null],
    ['sdxl-inpaint', 'sdxl', 'inpaint'],
    ['sd1-inpaint', 'sd1', 'inpaint'],
    ['sdxl-refiner', 'sdxl-refiner', null],
  ] as const)('%s whole', (kind, base, variant) => {
    expect(what(layout(kind))).toMatchObject({
      type: 'checkpoint',
      base,
      variant,
      missingTensors: { count: 0 },
      surplusTensors: { count: 0 },
    });
  });

  it('SD 2.1 Turbo, whose encoder stands where the refiner has its own', () => {
    const turbo = Object.fromEntries(
      Object.entries(layout('sd2')).map(([name, shape]) => [
        name.replace('cond_stage_model.model.', 'conditioner.embedders.0.model.'),
        shape,
      ]),
    );
    expect(what(turbo)).toMatchObject({ type: 'checkpoint', base: 'sd2', variant: 'turbo', prediction: 'epsilon' });
  });
});
