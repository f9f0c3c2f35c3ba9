import { describe, expect, it } from 'vitest';
import { identify } from '#scanner/identify/index.ts';
import { KeyIndex } from '#scanner/identify/key-index.ts';
import { LORA_ROWS } from '#scanner/identify/lora.ts';
import { listLoraModules } from '#scanner/identify/lora-modules.ts';
import { keysOf, TEMPLATES } from '#scanner/templates/index.ts';
import { type Shapes, tensorTable } from '../../fixtures/tensor-table.ts';

/** The layer a LoRA changes, as trainers name it; widths of its input and output; the base that this means. */
type Case = readonly [layer: string, input: number, output: number, base: string, variant?: string];

const CASES: readonly Case[] = [
  ['encoder_hid_proj', 4096, 2048, 'kolors'],
  ['img_in', 128, 3072, 'flux1', 'control'],
  ['txtfusion_projector', 10, 10, 'krea2'],
  ['blocks_3_attn_wq', 10, 10, 'krea2'],
  ['llm_adapter_blocks_0_cross_attn_q_proj', 1024, 1024, 'anima'],
  ['double_stream_blocks_0_block_attn1_to_q', 2560, 2560, 'hidream'],
  ['joint_blocks_37_x_block_attn_qkv', 2432, 7296, 'sd3.5', 'large'],
  ['joint_blocks_3_x_block_attn_qkv', 1536, 4608, 'sd3'],
  ['distilled_guidance_layer_layers_0_in_layer', 5120, 5120, 'chroma'],
  ['txt_in_individual_token_refiner_blocks_0_self_attn_qkv', 3072, 9216, 'hunyuan-video'],
  ['double_blocks_0_img_mlp_fc1', 3072, 12288, 'hunyuan-video'],
  ['double_blocks_19_img_attn_qkv', 3072, 9216, 'hunyuan-video'],
  ['single_blocks_3_modulation_linear', 3072, 9216, 'hunyuan-video'],
  ['double_stream_modulation_img_lin', 3072, 18432, 'flux2', 'klein-4b'],
  ['single_transformer_blocks_0_attn_to_qkv_mlp_proj', 3072, 27648, 'flux2', 'klein-4b'],
  ['single_transformer_blocks_38_attn_to_q', 3072, 3072, 'hunyuan-video'],
  ['double_blocks_0_img_attn_qkv', 4096, 12288, 'flux2', 'klein-9b'],
  ['single_blocks_3_linear1', 6144, 55296, 'flux2', 'dev'],
  ['single_blocks_3_linear1', 3072, 27648, 'flux2', 'klein-4b'],
  ['double_blocks_0_img_mlp_0', 3072, 18432, 'flux2', 'klein-4b'],
  ['double_blocks_0_img_attn_qkv', 3584, 10752, 'hunyuan-image'],
  ['double_blocks_0_img_attn_qkv', 3072, 9216, 'flux1'],
  ['double_blocks_0_processor_qkv_lora1', 3072, 9216, 'flux1', 'xlabs'],
  ['joint_transformer_blocks_0_attn_to_q', 3072, 3072, 'auraflow'],
  ['single_transformer_blocks_0_ff_linear_1', 3072, 8192, 'auraflow'],
  ['single_transformer_blocks_0_attn_to_q', 3072, 3072, 'flux1'],
  ['transformer_blocks_0_img_mlp_net_0_proj', 3072, 12288, 'qwen-image'],
  ['transformer_blocks_40_attn_to_q', 3072, 3072, 'qwen-image'],
  ['transformer_blocks_0_attn_add_q_proj', 3072, 3072, 'flux1'],
  ['transformer_blocks_0_attn_add_q_proj', 1536, 1536, 'sd3'],
  ['transformer_blocks_0_attn_add_q_proj', 2432, 2432, 'sd3.5', 'large'],
  ['layers_0_attention_to_q', 3840, 3840, 'z-image'],
  ['layers_0_attention_qkv', 2304, 3840, 'lumina2'],
  ['layers_0_self_attention_to_q', 4096, 4096, 'ernie-image'],
  ['blocks_0_cross_attn_k_img', 5120, 5120, 'wan', 'i2v'],
  ['blocks_0_self_attn_q', 1536, 1536, 'wan', '1.3b'],
  ['blocks_0_self_attn_q', 3072, 3072, 'wan', '5b'],
  ['blocks_0_self_attn_q', 5120, 5120, 'wan', '14b'],
  ['blocks_0_self_attn_q_proj', 2048, 2048, 'anima'],
  ['blocks_0_self_attn_q_proj', 5120, 5120, 'cosmos', 'predict2-14b'],
  ['transformer_blocks_0_audio_to_video_attn_to_q', 2048, 2048, 'ltx-2'],
  ['patchify_proj', 128, 2048, 'ltx-video'],
  ['transformer_blocks_0_attn2_to_k', 4096, 4096, 'ltx-video', '13b'],
  ['blocks_27_cross_attn_kv_linear', 1152, 2304, 'pixart'],
  ['down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k', 768, 640, 'sd1'],
  ['down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k', 1024, 640, 'sd2'],
  ['input_blocks_4_1_transformer_blocks_0_attn2_to_k', 2048, 640, 'sdxl'],
  ['input_blocks_4_1_transformer_blocks_0_attn2_to_k', 1280, 768, 'sdxl-refiner'],
  ['input_blocks_7_1_transformer_blocks_5_attn1_to_q', 1280, 1280, 'sdxl'],
];

const pair = (layer: string, input: number, output: number): Shapes => ({
  [`lora_unet_${layer}.lora_down.weight`]: [4, input],
  [`lora_unet_${layer}.lora_up.weight`]: [output, 4],
});

describe('a LoRA of', () => {
  for (const [layer, input, output, base, variant = null] of CASES)
    it(`${layer} [${input}, ${output}] is one for ${base} ${variant ?? ''}`, () => {
      expect(identify(tensorTable(pair(layer, input, output)))).toMatchObject({ type: 'lora', base, variant });
    });
});

it('every row has a case', () => {
  const first = CASES.map(([layer, input, output]) => {
    const [module] = listLoraModules(KeyIndex.of(tensorTable(pair(layer, input, output))));
    return LORA_ROWS.find(
      (row) =>
        row.layers.test(module?.path ?? '') &&
        (row.input === undefined || row.input.includes(input)) &&
        (row.output === undefined || row.output.includes(output)),
    );
  });
  expect(LORA_ROWS.filter((row) => !first.includes(row))).toEqual([]);
});

describe('the names that trainers give the parts', () => {
  const layer = 'unet.down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k';
  const down = [4, 768];
  const up = [640, 4];
  it.each<[string, Shapes, string]>([
    ['kohya', { [`${layer}.lora_down.weight`]: down, [`${layer}.lora_up.weight`]: up, [`${layer}.alpha`]: [] }, 'lora'],
    ['PEFT', { [`${layer}.lora_A.weight`]: down, [`${layer}.lora_B.weight`]: up }, 'lora'],
    [
      'PEFT with the name of an adapter',
      { [`${layer}.lora_A.default.weight`]: down, [`${layer}.lora_B.default.weight`]: up },
      'lora',
    ],
    ['PEFT without a suffix', { [`${layer}.lora_A`]: down, [`${layer}.lora_B`]: up }, 'lora'],
    ['old diffusers', { [`${layer}_lora.down.weight`]: down, [`${layer}_lora.up.weight`]: up }, 'lora'],
    ['later diffusers', { [`${layer}.lora.down.weight`]: down, [`${layer}.lora.up.weight`]: up }, 'lora'],
    [
      'diffusers of one release',
      { [`${layer}.lora_linear_layer.down.weight`]: down, [`${layer}.lora_linear_layer.up.weight`]: up },
      'lora',
    ],
    ['Fooocus', { [`${layer}::lora::0`]: up, [`${layer}::lora::1`]: down }, 'lora'],
    ['a difference of Fooocus', { [`${layer}::diff::0`]: [640, 768] }, 'full'],
    [
      'Tucker',
      {
        [`${layer}.lora_down.weight`]: [4, 768, 1, 1],
        [`${layer}.lora_mid.weight`]: [4, 4, 3, 3],
        [`${layer}.lora_up.weight`]: [640, 4, 1, 1],
      },
      'locon',
    ],
    [
      'GLoRA',
      {
        [`${layer}.a1.weight`]: [4, 768],
        [`${layer}.a2.weight`]: [768, 4],
        [`${layer}.b1.weight`]: [640, 4],
        [`${layer}.b2.weight`]: [4, 768],
      },
      'glora',
    ],
    ['numbers that replace', { [`${layer}.set_weight`]: [640, 768] }, 'full'],
    [
      'DoRA of PEFT',
      {
        [`${layer}.lora_A.weight`]: down,
        [`${layer}.lora_B.weight`]: up,
        [`${layer}.lora_magnitude_vector.weight`]: [640],
      },
      'dora',
    ],
  ])('%s', (_what, shapes, algorithm) => {
    expect(identify(tensorTable(shapes))).toMatchObject({
      type: 'lora',
      algorithm,
      base: 'sd1',
      confidence: 'certain',
    });
  });

  it.each<[string, Shapes, string]>([
    ['OFT', { [`oft_unet_${layer}.oft_blocks`]: [4, 8, 8] }, 'oft'],
    [
      'OFT with rescaling',
      { [`oft_unet_${layer}.oft_blocks`]: [4, 8, 8], [`oft_unet_${layer}.rescale`]: [640, 1] },
      'oft',
    ],
    ['OFT by its older name', { [`oft_unet_${layer}.oft_diag`]: [4, 8, 8] }, 'oft'],
    ['BOFT', { [`lycoris_${layer}.oft_blocks`]: [3, 4, 8, 8] }, 'boft'],
    ['(IA)³', { [`${layer}.weight`]: [640], [`${layer}.on_input`]: [] }, 'ia3'],
    ['norms', { 'lora_unet_down_blocks_1_norm.w_norm': [640], 'lora_unet_down_blocks_1_norm.b_norm': [640] }, 'norm'],
  ])('%s, which does not tell the width', (_what, shapes, algorithm) => {
    expect(identify(tensorTable(shapes))).toMatchObject({ type: 'lora', algorithm });
  });

  it('says that a file carries an embedding along', () => {
    const shapes = {
      ...pair('down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k', 768, 640),
      'bundle_emb.cat.string_to_param.*': [2, 768],
    };
    expect(identify(tensorTable(shapes)).components).toEqual(['backbone-lora', 'embedding']);
  });
});

describe('what metadata says', () => {
  const shapes = (width: number) => pair('input_blocks_4_1_transformer_blocks_0_attn2_to_k', width, 640);
  const open = pair('mid_block_attentions_0_transformer_blocks_0_attn1_to_q', 1280, 1280);
  const of = (table: Shapes, metadata: Record<string, string>) => identify(tensorTable(table, { metadata }));

  it('loses to the weights on architecture, and the contradiction is shown', () => {
    const identity = of(pair('double_blocks_0_img_attn_qkv', 3072, 9216), { ss_base_model_version: 'sd_1.5' });
    expect(identity).toMatchObject({
      base: 'flux1',
      problems: [expect.stringMatching(/metadata says sd1.*weights are flux1/)],
    });
  });

  it.each([
    [
      'a family',
      shapes(2048),
      { ss_sd_model_name: 'ponyDiffusionV6XL_v6.safetensors' },
      { base: 'sdxl', family: 'pony' },
    ],
    [
      'Chroma',
      pair('double_blocks_0_img_attn_qkv', 3072, 9216),
      { 'modelspec.architecture': 'chroma/lora' },
      { base: 'chroma' },
    ],
    ['Kolors', shapes(2048), { ss_base_model_version: 'kolors' }, { base: 'kolors' }],
  ])('refines what the weights leave open: %s', (_what, table, metadata, expected) => {
    expect(of(table as Shapes, metadata as unknown as Record<string, string>)).toMatchObject(expected);
  });

  it('makes sure of what the weights say of one of several bases, and no more than that', () => {
    const shared = pair('down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k', 2048, 640);
    expect(of(shared, {})).toMatchObject({ base: 'sdxl', confidence: 'medium', candidates: ['sdxl', 'kolors'] });
    expect(of(shared, { ss_base_model_version: 'sdxl_base_v1-0' })).toMatchObject({
      base: 'sdxl',
      confidence: 'high',
    });
    expect(of(shared, { ss_base_model_version: 'kolors' })).toMatchObject({
      base: 'kolors',
      confidence: 'medium',
    });
  });

  it('of the trainer comes before what a trainer leaves at its default', () => {
    const metadata = { ss_base_model_version: 'sdxl_base_v1-0', 'modelspec.architecture': 'stable-diffusion-v1/lora' };
    expect(of(open, metadata)).toMatchObject({ base: 'sdxl', confidence: 'medium' });
  });

  it('counts for nothing where it is empty, or names what nobody knows', () => {
    for (const value of ['', ' ', 'None', 'my-own-architecture'])
      expect(of(open, { ss_base_model_version: value, 'modelspec.architecture': value })).toMatchObject({
        base: 'unknown',
        confidence: 'low',
      });
  });

  it.each([
    [{ ss_sd_model_name: '889818.safetensors' }, 'illustrious'],
    [{ ss_sd_model_name: 'animagineXL_v31.safetensors' }, 'animagine'],
    [{ 'modelspec.tags': 'anime, noobai' }, 'noobai'],
    [{ ss_new_sd_model_hash: '67ab2fd8ec439a89b3fedb15cc65f54336af163c7eb5e4f2acc98f090a29b0b3' }, 'pony'],
    [{ ss_tag_frequency: '{"10_cat": {"score_9": 12, "cat": 12}}' }, 'pony'],
    [{ ss_tag_frequency: '{"10_cat": {"cat": 12}}' }, null],
    [{ 'modelspec.title': 'fantasyIllustration' }, null],
    [{ 'modelspec.title': 'zavychromaXL' }, null],
  ])('tells the family by %j', (metadata, family) => {
    expect(of(shapes(2048), metadata as unknown as Record<string, string>).family).toBe(family);
  });

  it('tells no family by a file name, nor one of another base', () => {
    expect(identify(tensorTable(shapes(2048)), { filename: 'ponyDiffusionV6XL.safetensors' }).family).toBeNull();
    expect(of(shapes(768), { ss_sd_model_name: 'ponyDiffusion.safetensors' }).family).toBeNull();
  });

  it('is not needed where the bytes are known', () => {
    const sha256 = '67ab2fd8ec439a89b3fedb15cc65f54336af163c7eb5e4f2acc98f090a29b0b3';
    const identity = identify(tensorTable(shapes(2048)), { sha256 });
    expect(identity.family).toBe('pony');
    expect(identity.evidence).toContainEqual({
      field: 'family',
      source: 'hash',
      detail: 'the published file Pony Diffusion V6 XL',
    });
  });
});

/** A LoRA of the attention of a network. */
function attentionOf(id: string, parts: (module: string, output: number, input: number) => Shapes): Shapes {
  const template = TEMPLATES.find((one) => one.id === id);
  if (template === undefined) throw new Error(`There is no template ${id}.`);
  return Object.assign(
    {},
    ...[...keysOf(template)].map(([name, [output = 0, input]]) =>
      /attn.*\.weight$/.test(name) && input !== undefined ? parts(name.slice(0, -'.weight'.length), output, input) : {},
    ),
  );
}
const peft = (module: string, output: number, input: number): Shapes => ({
  [`${module}.lora_A.weight`]: [4, input],
  [`${module}.lora_B.weight`]: [output, 4],
});

it.each(['wan/14b/backbone/diffusers', 'sana/backbone/diffusers'])(
  'attention of %s, which others have as well, is taken for that of the base that most are made for, and not for certain',
  (id) => {
    const identity = identify(tensorTable(attentionOf(id, peft)));
    expect(identity).toMatchObject({ type: 'lora', base: id.split('/')[0], confidence: 'low' });
    expect(identity.candidates?.length).toBeGreaterThan(1);
  },
);

it.each([
  'flux2/klein-4b/backbone/original',
  'bria/backbone/diffusers',
  'ovis-image/backbone/diffusers',
  'cogvideox/5b/backbone/diffusers',
  'cogview4/backbone/diffusers',
  'glm-image/backbone/diffusers',
  'kandinsky2/prior-2.2/backbone/diffusers',
])('attention of all blocks of %s is told from that of networks with more blocks, and not for certain', (id) => {
  const all = attentionOf(id, peft);
  const identity = identify(tensorTable(all));
  const [base] = id.split('/');
  expect(identity).toMatchObject({ type: 'lora', base, confidence: 'high' });
  expect(identity.candidates?.length).toBeGreaterThan(1);

  // Fewer blocks are in all of them.
  const fewer = Object.fromEntries(Object.entries(all).filter(([name]) => /(?:blocks|layers)\.[0-2]\./.test(name)));
  const cut = identify(tensorTable(fewer));
  expect(cut.candidates).toContain(base);
  expect(cut.confidence).not.toMatch(/certain|high/);
});

it.each<[string, (module: string, output: number, input: number) => Shapes]>([
  [
    'OFT',
    (module, output) => ({ [`lora_unet_${module.replaceAll('.', '_')}.oft_blocks`]: [4, output / 4, output / 4] }),
  ],
  [
    'BOFT',
    (module, output) => ({ [`lycoris_${module.replaceAll('.', '_')}.oft_blocks`]: [2, 4, output / 4, output / 4] }),
  ],
  ['IA3', (module, _, input) => ({ [`${module}.weight`]: [1, input], [`${module}.on_input`]: [1] })],
])('%s, which keeps no widths, is of the base that most are made for, and never certain', (_, parts) => {
  for (const id of ['sd1/backbone/diffusers', 'flux1/dev/backbone/original', 'flux1/dev/backbone/diffusers']) {
    const identity = identify(tensorTable(attentionOf(id, parts)));
    expect([id, identity.type, identity.base]).toEqual([id, 'lora', id.split('/')[0]]);
    expect(identity.confidence).not.toBe('certain');
  }
});

it.each(['ltx-2/backbone/original', 'flux1/dev/backbone/diffusers'])(
  'a LoRA of every layer of %s is no network, though rules know its names',
  (id) => {
    const template = TEMPLATES.find((one) => one.id === id);
    if (template === undefined) throw new Error(`There is no template ${id}.`);
    const shapes = Object.assign(
      {},
      ...[...keysOf(template)].map(([name, [output = 0, input]]) =>
        name.endsWith('.weight') && input !== undefined
          ? peft(`diffusion_model.${name.slice(0, -'.weight'.length)}`, output, input)
          : {},
      ),
    );
    expect(identify(tensorTable(shapes))).toMatchObject({ type: 'lora', base: template.base });
  },
);
