import { describe, expect, it } from 'vitest';
import { fullLayout, type LayoutKind } from '#lib/demo/index.ts';
import { type IdentifyHints, identify } from '#scanner/identify/index.ts';
import type { Dtype, TensorTable } from '#scanner/tensors/index.ts';

type Listed = readonly { name: string; shape: readonly number[]; dtype?: Dtype }[];

function identifyTensors(tensors: Listed, hints: IdentifyHints = {}) {
  const table: TensorTable = {
    tensors: tensors.map(({ name, shape, dtype = 'F16' }) => ({
      name,
      dtype,
      shape,
      storage: { start: 0, elements: 0, offset: 0, stride: [] },
    })),
    nonTensors: [],
    refused: [],
    metadata: new Map(),
    pickle: null,
  };
  return identify(table, hints);
}

const NONE = { count: 0, names: [] };
const UNET = 'model.diffusion_model.';

describe('what is in a checkpoint and what is not', () => {
  it.each<[LayoutKind, number]>([
    ['sd1', 686],
    ['sd1-inpaint', 686],
    ['sd1-pix2pix', 686],
    ['sd2', 686],
    ['sd2-inpaint', 686],
    ['sdxl', 1680],
    ['sdxl-inpaint', 1680],
    ['sdxl-refiner', 1220],
  ])('%s has all %i tensors of its network, all parts, and nothing else', (kind) => {
    const identity = identifyTensors(fullLayout(kind));
    expect(identity).toMatchObject({ missingTensors: NONE, surplusTensors: NONE, absent: [], problems: [] });
  });

  it.each<LayoutKind>(['sd1', 'sdxl', 'sdxl-refiner'])(
    '%s without its network’s names lacks every one of them',
    (kind) => {
      const whole = fullLayout(kind).filter(({ name }) => name.startsWith(UNET));
      const kept = whole.filter(
        (_, i) => i % 2 === 0 || /input_blocks\.(?:0\.0|4\.1)|output_blocks/.test(whole[i]?.name ?? ''),
      );
      const lost = whole.filter((tensor) => !kept.includes(tensor)).map(({ name }) => name.slice(UNET.length));
      const { missingTensors } = identifyTensors(kept);
      expect(missingTensors.count).toBe(lost.length);
      expect(missingTensors.names).toHaveLength(50);
      expect(lost).toEqual(expect.arrayContaining(missingTensors.names));
    },
  );

  it('names tensors that belong to nothing, inside the network and beside it', () => {
    const tensors = [
      ...fullLayout('sd1'),
      { name: `${UNET}input_blocks.1.1.adapter.weight`, shape: [4] },
      { name: 'lora_unet_mid_block_attentions_0_proj_in.lora_down.weight', shape: [4, 1280] },
      { name: 'model_ema.diffusion_modelout0weight', shape: [320] },
      { name: 'v_pred', shape: [0] },
    ];
    expect(identifyTensors(tensors).surplusTensors).toEqual({
      count: 2,
      names: [`${UNET}input_blocks.1.1.adapter.weight`, 'lora_unet_mid_block_attentions_0_proj_in.lora_down.weight'],
    });
  });

  it.each<[string, RegExp, string[]]>([
    ['VAE', /^first_stage_model\./, ['vae']],
    ['larger text encoder', /^conditioner\.embedders\.1\./, ['openclip-g']],
    ['smaller text encoder and VAE', /^(?:conditioner\.embedders\.0|first_stage_model)\./, ['vae', 'clip-l']],
  ])('says that SDXL lacks its %s', (_, left, absent) => {
    expect(identifyTensors(fullLayout('sdxl').filter(({ name }) => !left.test(name))).absent).toEqual(absent);
  });

  it('does not call a network alone incomplete, nor one of a smaller kind broken', () => {
    expect(identifyTensors(fullLayout('unet-sdxl'))).toMatchObject({ type: 'diffusion-model', absent: [] });
    const distilled = fullLayout('unet-sd1').filter(({ name }) => !name.includes('middle_block'));
    expect(identifyTensors(distilled)).toMatchObject({ variant: 'distilled', missingTensors: NONE });
  });
});

describe('precision and parameters', () => {
  it('counts parameters, and lists types with the most frequent first', () => {
    const identity = identifyTensors([
      { name: 'clip_l', shape: [4, 768], dtype: 'F32' },
      { name: 'clip_g', shape: [4, 1280], dtype: 'BF16' },
    ]);
    expect(identity).toMatchObject({ parameters: 4 * (768 + 1280), precision: ['bf16', 'f32'] });
    expect(identifyTensors(fullLayout('sd1')).parameters / 1e6).toBeCloseTo(1066.2, 0);
  });

  it.each([
    ['double_blocks.0.img_attn.qkv.weight.quant_state.bitsandbytes__nf4', 'nf4'],
    ['double_blocks.0.img_attn.qkv.weight.quant_state.bitsandbytes__fp4', 'fp4'],
    ['double_blocks.0.img_attn.qkv.SCB', 'llm-int8'],
    ['transformer_blocks.0.qkv_proj.wscales', 'svdquant'],
    ['double_blocks.0.img_attn.qkv.scale_weight', 'scaled'],
    ['scaled_fp8', 'scaled'],
  ])('%s tells of %s, and is no parameter', (name, scheme) => {
    const weight = { name: 'double_blocks.0.img_attn.qkv.weight', shape: [10], dtype: 'F8_E4M3' as const };
    const identity = identifyTensors([weight, { name, shape: [100], dtype: 'F32' }]);
    expect(identity).toMatchObject({ parameters: 10, precision: ['f8_e4m3', scheme] });
  });
});

describe('packed weights', () => {
  const w = 'blocks.0.attn.to_q.weight';
  it.each<
    [
      what: string,
      weight: Listed[number],
      beside: readonly [string, Listed[number]['dtype']][],
      parameters: number,
      schemes: string[],
    ]
  >([
    [
      'NVFP4 in bytes',
      { name: w, shape: [8, 16], dtype: 'U8' },
      [
        [`${w}_scale`, 'F8_E4M3'],
        [`${w}_scale_2`, 'F32'],
      ],
      256,
      ['u8', 'nvfp4'],
    ],
    [
      'NVFP4',
      { name: w, shape: [8, 32], dtype: 'F4' },
      [
        [`${w}_scale`, 'F8_E4M3'],
        [`${w}_scale_2`, 'F32'],
      ],
      256,
      ['f4', 'nvfp4'],
    ],
    ['MXFP4', { name: w, shape: [8, 32], dtype: 'F4' }, [[`${w}_scale`, 'F8_E8M0']], 256, ['f4', 'mxfp4']],
    [
      'MXFP4 in blocks',
      { name: 'mlp.experts.up_proj_blocks', shape: [8, 16], dtype: 'U8' },
      [['mlp.experts.up_proj_scales', 'U8']],
      256,
      ['u8', 'mxfp4'],
    ],
    ['MXFP8', { name: w, shape: [8, 32], dtype: 'F8_E4M3' }, [[`${w}_scale`, 'F8_E8M0']], 256, ['f8_e4m3', 'mxfp8']],
    ['scaled fp8', { name: w, shape: [8, 32], dtype: 'F8_E4M3' }, [[`${w}_scale`, 'F32']], 256, ['f8_e4m3', 'scaled']],
    ['int8 of ComfyUI', { name: w, shape: [8, 32], dtype: 'I8' }, [[`${w}_scale`, 'F32']], 256, ['i8', 'int8']],
    [
      'NF4',
      { name: w, shape: [128, 1], dtype: 'U8' },
      [
        [`${w}.absmax`, 'U8'],
        [`${w}.quant_state.bitsandbytes__nf4`, 'U8'],
      ],
      256,
      ['u8', 'nf4'],
    ],
    [
      'SVDQuant',
      { name: 'blocks.0.qkv_proj.qweight', shape: [8, 16], dtype: 'I8' },
      [
        ['blocks.0.qkv_proj.wscales', 'BF16'],
        ['blocks.0.qkv_proj.proj_down', 'BF16'],
      ],
      256,
      ['i8', 'svdquant'],
    ],
    ['bytes that are no weights', { name: w, shape: [8, 32], dtype: 'U8' }, [], 256, ['u8']],
  ])('%s are counted unpacked, and named', (_, weight, beside, parameters, precision) => {
    const scales = beside.map(([name, dtype]) => ({ name, shape: [8, 2], dtype }));
    expect(identifyTensors([weight, ...scales] as Listed)).toMatchObject({ parameters, precision });
  });
});

describe('what a LoRA changes', () => {
  const pair = (name: string, rank: number): Listed => [
    { name: `${name}.lora_down.weight`, shape: [rank, 320] },
    { name: `${name}.lora_up.weight`, shape: [320, rank] },
    { name: `${name}.alpha`, shape: [] },
  ];

  it('counts layers by network, and reads ranks and alpha', () => {
    const identity = identifyTensors(fullLayout('lora-sdxl'), { readTensor: () => Float32Array.of(8) });
    expect(identity.lora).toEqual({
      modules: 986,
      ranks: [16],
      alphas: [8],
      algorithms: { lora: 986 },
      parts: { te1: 72, te2: 192, unet: 722 },
      decomposed: 0,
      convolutions: 0,
    });
    expect(identifyTensors(fullLayout('lora-sdxl')).lora?.alphas).toEqual([]);
    expect(identifyTensors(fullLayout('sd1')).lora).toBeUndefined();
  });

  it.each<[string, Listed, object]>([
    [
      'LoRA of two ranks',
      [...pair('lora_unet_a', 4), ...pair('lora_unet_b', 32)],
      { modules: 2, ranks: [4, 32], algorithms: { lora: 2 } },
    ],
    [
      'LoCon',
      [
        { name: 'lora_unet_down_blocks_0_resnets_0_conv1.lora_down.weight', shape: [8, 320, 3, 3] },
        { name: 'lora_unet_down_blocks_0_resnets_0_conv1.lora_up.weight', shape: [320, 8, 1, 1] },
      ],
      { convolutions: 1, ranks: [8] },
    ],
    [
      'DoRA',
      [...pair('lora_unet_a', 4), { name: 'lora_unet_a.dora_scale', shape: [1, 320] }],
      { decomposed: 1, modules: 1 },
    ],
    [
      'LoHa',
      ['hada_w1_a', 'hada_w1_b', 'hada_w2_a', 'hada_w2_b'].map((part) => ({
        name: `lora_unet_a.${part}`,
        shape: part.endsWith('a') ? [320, 6] : [6, 768],
      })),
      { algorithms: { loha: 1 }, ranks: [6] },
    ],
    [
      'LoKr with a decomposed factor',
      [
        { name: 'lora_unet_a.lokr_w1', shape: [8, 8] },
        { name: 'lora_unet_a.lokr_w2_a', shape: [40, 5] },
        { name: 'lora_unet_a.lokr_w2_b', shape: [5, 96] },
      ],
      { algorithms: { lokr: 1 }, ranks: [5] },
    ],
    [
      'LoKr with whole factors',
      [
        { name: 'lora_unet_a.lokr_w1', shape: [8, 8] },
        { name: 'lora_unet_a.lokr_w2', shape: [40, 96] },
      ],
      { algorithms: { lokr: 1 }, ranks: [] },
    ],
    [
      'GLoRA',
      [
        { name: 'lora_unet_a.a1.weight', shape: [768, 4] },
        { name: 'lora_unet_a.a2.weight', shape: [4, 768] },
        { name: 'lora_unet_a.b1.weight', shape: [320, 4] },
        { name: 'lora_unet_a.b2.weight', shape: [4, 768] },
      ],
      { algorithms: { glora: 1 }, ranks: [4] },
    ],
    ['OFT', [{ name: 'oft_unet_a.oft_blocks', shape: [4, 80, 80] }], { algorithms: { oft: 1 }, ranks: [80] }],
    [
      '(IA)³',
      [
        { name: 'lora_unet_a.weight', shape: [320] },
        { name: 'lora_unet_a.on_input', shape: [] },
      ],
      { algorithms: { ia3: 1 }, ranks: [] },
    ],
    [
      'Full difference beside LoRA',
      [
        ...pair('lora_unet_a', 4),
        { name: 'lora_unet_b.diff', shape: [320, 320] },
        { name: 'lora_te_c.diff_b', shape: [320] },
      ],
      { modules: 3, algorithms: { lora: 1, full: 2 }, parts: { unet: 2, te: 1 } },
    ],
  ])('%s', (_, tensors, expected) => {
    const identity = identifyTensors(tensors);
    expect(identity.type).toBe('lora');
    expect(identity.lora).toMatchObject(expected);
  });
});
