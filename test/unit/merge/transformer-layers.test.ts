import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergeModels } from '#scanner/merge/index.ts';
import {
  type NumberFile,
  type Numbers,
  numbers,
  readNumbers,
  scalar,
  writeNumbers,
} from '../../fixtures/merge-files.ts';
import { bakeLora } from '../../support/bake-lora.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'merge-layers-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const [WIDTH, RANK, WEIGHT] = [4, 2, 0.75];

const bake = (checkpoint: NumberFile, adapter: NumberFile, metadata?: Record<string, string>) =>
  bakeLora({ folder, checkpoint, adapter, metadata, weight: WEIGHT });

/** `rows` of a weight with a LoRA's rows from `from` on added at 0.75, in plain loops. `scale` is alpha / rank. */
function withLora(weight: Numbers, up: Numbers, down: Numbers, { first = 0, from = 0, rows = 0, scale = 1 }): number[] {
  const [, columns = 1] = weight.shape;
  const rank = down.shape[0] ?? 1;
  const result = [...weight.values];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      let delta = 0;
      for (let r = 0; r < rank; r += 1) {
        const factor = up.values[(from + row) * rank + r] ?? Number.NaN;
        delta += factor * (down.values[r * columns + column] ?? Number.NaN);
      }
      const place = (first + row) * columns + column;
      result[place] = (result[place] ?? Number.NaN) + WEIGHT * scale * delta;
    }
  }
  return result;
}

function expectNear(actual: readonly number[] | undefined, wanted: readonly number[]) {
  expect(actual).toHaveLength(wanted.length);
  const worst = Math.max(...wanted.map((value, index) => Math.abs(value - (actual?.[index] ?? Number.NaN))));
  expect(worst).toBeLessThan(1e-6);
}

const lora = (module: string, rows: number, seed: number): NumberFile => ({
  [`${module}.lora_A.weight`]: numbers([RANK, WIDTH], seed),
  [`${module}.lora_B.weight`]: numbers([rows, RANK], seed + 1),
});
const partsOf = (file: NumberFile, module: string): [up: Numbers, down: Numbers] => [
  file[`${module}.lora_B.weight`] ?? numbers([0], 0),
  file[`${module}.lora_A.weight`] ?? numbers([0], 0),
];

/** How a network's own tensor is laid out in diffusers: names of the layers in it, and their rows. */
const LAYOUTS: readonly [what: string, own: string, apart: readonly (readonly [name: string, rows: number])[]][] = [
  [
    'FLUX, picture',
    'double_blocks.3.img_attn.qkv',
    ['to_q', 'to_k', 'to_v'].map((name) => [`transformer_blocks.3.attn.${name}`, WIDTH] as const),
  ],
  [
    'FLUX, text',
    'double_blocks.3.txt_attn.qkv',
    ['add_q_proj', 'add_k_proj', 'add_v_proj'].map((name) => [`transformer_blocks.3.attn.${name}`, WIDTH] as const),
  ],
  [
    'FLUX, joined with its MLP',
    'single_blocks.7.linear1',
    [
      ['single_transformer_blocks.7.attn.to_q', WIDTH],
      ['single_transformer_blocks.7.attn.to_k', WIDTH],
      ['single_transformer_blocks.7.attn.to_v', WIDTH],
      ['single_transformer_blocks.7.proj_mlp', 4 * WIDTH],
    ],
  ],
  [
    'SD 3, picture',
    'joint_blocks.0.x_block.attn.qkv',
    ['to_q', 'to_k', 'to_v'].map((name) => [`transformer_blocks.0.attn.${name}`, WIDTH] as const),
  ],
  [
    'SD 3.5 medium, its second attention',
    'joint_blocks.0.x_block.attn2.qkv',
    ['to_q', 'to_k', 'to_v'].map((name) => [`transformer_blocks.0.attn2.${name}`, WIDTH] as const),
  ],
  ['SD 3, modulation', 'joint_blocks.0.x_block.adaLN_modulation.1', [['transformer_blocks.0.norm1.linear', 6 * WIDTH]]],
];

describe.each(LAYOUTS)('%s: a LoRA beside plain loops', (_, own, apart) => {
  const all = apart.reduce((sum, [, rows]) => sum + rows, 0);
  const joined: NumberFile = {
    [`model.diffusion_model.${own}.weight`]: numbers([all, WIDTH], 1),
    [`model.diffusion_model.${own}.bias`]: numbers([all], 2),
  };
  const separate: NumberFile = Object.fromEntries(
    apart.map(([name, rows], index) => [`transformer.${name}.weight`, numbers([rows, WIDTH], 30 + index)]),
  );

  it('of the layers of diffusers goes into the rows of the tensor that joins them', async () => {
    const adapter = Object.assign({}, ...apart.map(([name, rows], i) => lora(`transformer.${name}`, rows, 10 + 2 * i)));
    const { report, written } = await bake(joined, adapter as NumberFile);
    expect(report.unplaced).toEqual([]);
    let wanted = joined[`model.diffusion_model.${own}.weight`] ?? numbers([0], 0);
    let first = 0;
    for (const [name, rows] of apart) {
      const [up, down] = partsOf(adapter as NumberFile, `transformer.${name}`);
      wanted = { ...wanted, values: withLora(wanted, up, down, { first, rows }) };
      first += rows;
    }
    expectNear(written[`model.diffusion_model.${own}.weight`]?.values, wanted.values);
    expect(written[`model.diffusion_model.${own}.bias`]?.values).toEqual(
      joined[`model.diffusion_model.${own}.bias`]?.values,
    );
  });

  it('of one of them alone leaves the rows of the others as they are', async () => {
    const [name, rows] = apart.at(-1) ?? ['', 0];
    const adapter = lora(`transformer.${name}`, rows, 10);
    const { written } = await bake(joined, adapter);
    const old = joined[`model.diffusion_model.${own}.weight`] ?? numbers([0], 0);
    const values = written[`model.diffusion_model.${own}.weight`]?.values ?? [];
    expect(values.slice(0, (all - rows) * WIDTH)).toEqual(old.values.slice(0, (all - rows) * WIDTH));
    const [up, down] = partsOf(adapter, `transformer.${name}`);
    expectNear(values, withLora(old, up, down, { first: all - rows, rows }));
  });

  it.each(['lora_unet_', 'diffusion_model.'])('of the tensor itself, named %s…', async (prefix) => {
    const module = prefix + (prefix === 'lora_unet_' ? own.replaceAll('.', '_') : own);
    const adapter = { ...lora(module, all, 10), [`${module}.alpha`]: scalar(1) };
    const { report, written } = await bake(joined, adapter);
    expect(report.unplaced).toEqual([]);
    const [up, down] = partsOf(adapter, module);
    const old = joined[`model.diffusion_model.${own}.weight`] ?? numbers([0], 0);
    expectNear(
      written[`model.diffusion_model.${own}.weight`]?.values,
      withLora(old, up, down, { rows: all, scale: 1 / RANK }),
    );
  });

  it('of the tensor that joins them goes into the layers of diffusers, each with its rows', async () => {
    const module = `lora_unet_${own.replaceAll('.', '_')}`;
    const adapter = lora(module, all, 10);
    const { report, written } = await bake(separate, adapter);
    expect(report).toMatchObject({ unplaced: [], merged: apart.length });
    const [up, down] = partsOf(adapter, module);
    let from = 0;
    for (const [name, rows] of apart) {
      const old = separate[`transformer.${name}.weight`] ?? numbers([0], 0);
      expectNear(written[`transformer.${name}.weight`]?.values, withLora(old, up, down, { from, rows }));
      from += rows;
    }
  });
});

describe('modules that have no place of their own', () => {
  const separate = Object.fromEntries(
    ['to_q', 'to_k', 'to_v'].map((name, seed) => [
      `transformer.transformer_blocks.0.attn.${name}.weight`,
      numbers([WIDTH, WIDTH], seed),
    ]),
  );
  const other = lora('transformer.transformer_blocks.0.attn.to_q', WIDTH, 3);

  it('are named, when they turn several layers together or have too many rows', async () => {
    const qkv = 'lora_unet_double_blocks_0_img_attn_qkv';
    const wide = await bake(separate, { ...other, ...lora(qkv, 3 * WIDTH + 1, 5) });
    expect(wide.report.unplaced).toEqual([{ model: 'lora', module: qkv }]);
    const dora = { ...lora(qkv, 3 * WIDTH, 5), [`${qkv}.dora_scale`]: numbers([1, WIDTH], 9) };
    expect((await bake(separate, { ...other, ...dora })).report.unplaced).toEqual([{ model: 'lora', module: qkv }]);
  });

  it('are named, when diffusers has the rows in another order: the last modulation of SD 3', async () => {
    const last = 'joint_blocks.23.context_block.adaLN_modulation.1';
    const checkpoint = {
      [`model.diffusion_model.${last}.weight`]: numbers([2 * WIDTH, WIDTH], 1),
      'model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight': numbers([3 * WIDTH, WIDTH], 2),
    };
    const module = 'transformer.transformer_blocks.23.norm1_context.linear';
    const { report } = await bake(checkpoint, { ...other, ...lora(module, 2 * WIDTH, 5) });
    expect(report.unplaced).toEqual([{ model: 'lora', module }]);
    const diffusers = { ...separate, [`${module}.weight`]: numbers([2 * WIDTH, WIDTH], 1) };
    const own = `lora_unet_${last.replaceAll('.', '_')}`;
    const turned = await bake(diffusers, { ...other, ...lora(own, 2 * WIDTH, 5) });
    expect(turned.report.unplaced).toEqual([{ model: 'lora', module: own }]);
  });
});

describe('norms', () => {
  it.each([
    [
      'a transformer of the UNet',
      'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.norm1',
      'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_norm1',
    ],
    [
      'a group of the UNet',
      'model.diffusion_model.input_blocks.1.0.in_layers.0',
      'lora_unet_down_blocks_0_resnets_0_norm1',
    ],
    [
      'a text encoder',
      'cond_stage_model.transformer.text_model.encoder.layers.3.layer_norm1',
      'lora_te_text_model_encoder_layers_3_layer_norm1',
    ],
    [
      'an encoder of OpenCLIP',
      'conditioner.embedders.1.model.transformer.resblocks.3.ln_2',
      'lora_te2_text_model_encoder_layers_3_layer_norm2',
    ],
  ])('of %s take weight and bias, times the LoRA weight', async (_, layer, module) => {
    const checkpoint = { [`${layer}.weight`]: numbers([WIDTH], 1), [`${layer}.bias`]: numbers([WIDTH], 2) };
    const adapter = { [`${module}.w_norm`]: numbers([WIDTH], 3), [`${module}.b_norm`]: numbers([WIDTH], 4) };
    const { report, written } = await bake(checkpoint, adapter);
    expect(report.unplaced).toEqual([]);
    for (const [part, seed] of [
      ['weight', 1],
      ['bias', 2],
    ] as const) {
      const [old, added] = [numbers([WIDTH], seed).values, numbers([WIDTH], seed + 2).values];
      expectNear(
        written[`${layer}.${part}`]?.values,
        old.map((value, index) => value + WEIGHT * (added[index] ?? Number.NaN)),
      );
    }
  });
});

describe('the alpha that diffusers records in the metadata', () => {
  const layer = 'transformer_blocks.0.attn.to_q';
  const checkpoint = { [`transformer.${layer}.weight`]: numbers([WIDTH, WIDTH], 1) };
  const adapter = lora(`transformer.${layer}`, WIDTH, 5);

  it.each([
    ['the one of the network', { 'transformer.r': 2, 'transformer.lora_alpha': 8 }, 4],
    ['the one of the layer', { 'transformer.lora_alpha': 8, 'transformer.alpha_pattern': { 'attn.to_q': 1 } }, 0.5],
    [
      'a layer named from its beginning',
      { 'transformer.lora_alpha': 8, 'transformer.alpha_pattern': { [`^${layer}`]: 3 } },
      1.5,
    ],
    ['another layer’s', { 'transformer.lora_alpha': 8, 'transformer.alpha_pattern': { to_k: 1, q: 1 } }, 4],
    [
      'divided by the root of the rank',
      { 'transformer.lora_alpha': 8, 'transformer.use_rslora': true },
      8 / Math.sqrt(2),
    ],
    ['another network’s', { 'text_encoder.lora_alpha': 8 }, 1],
    ['none that is a number', { 'transformer.lora_alpha': '8' }, 1],
  ])('counts: %s', async (_, settings, scale) => {
    const { written } = await bake(checkpoint, adapter, { lora_adapter_metadata: JSON.stringify(settings) });
    const [up, down] = partsOf(adapter, `transformer.${layer}`);
    const old = checkpoint[`transformer.${layer}.weight`] ?? numbers([0], 0);
    expectNear(written[`transformer.${layer}.weight`]?.values, withLora(old, up, down, { rows: WIDTH, scale }));
  });

  it('does not count beside a tensor, or when it cannot be read', async () => {
    const [up, down] = partsOf(adapter, `transformer.${layer}`);
    const old = checkpoint[`transformer.${layer}.weight`] ?? numbers([0], 0);
    const settings = JSON.stringify({ 'transformer.lora_alpha': 8 });
    const own = { ...adapter, [`transformer.${layer}.alpha`]: scalar(1) };
    const tensor = await bake(checkpoint, own, { lora_adapter_metadata: settings });
    expectNear(
      tensor.written[`transformer.${layer}.weight`]?.values,
      withLora(old, up, down, { rows: WIDTH, scale: 0.5 }),
    );
    const broken = await bake(checkpoint, adapter, { lora_adapter_metadata: '{' });
    expectNear(broken.written[`transformer.${layer}.weight`]?.values, withLora(old, up, down, { rows: WIDTH }));
  });

  it('counts when LoRAs are combined', async () => {
    const metadata = { lora_adapter_metadata: JSON.stringify({ 'transformer.lora_alpha': 8 }) };
    const path = writeNumbers(join(folder, 'one.safetensors'), adapter, metadata);
    const one = { path, name: 'one', sha256: 'c'.repeat(64), weight: 0.5 };
    const both = join(folder, 'both.safetensors');
    await mergeModels({ kind: 'combine-loras', loras: [one, { ...one, weight: 0.25 }] }, both, { name: 'both' });
    const combined = readNumbers(both);
    const [up, down] = partsOf(adapter, `transformer.${layer}`);
    const zero = { shape: [WIDTH, WIDTH], values: new Array<number>(WIDTH * WIDTH).fill(0) };
    const { lora_A: [a] = [], lora_B: [b] = [] } = Object.groupBy(
      Object.entries(combined),
      ([name]) => name.match(/lora_[AB]/)?.[0] ?? '',
    );
    const actual = withLora(zero, b?.[1] ?? zero, a?.[1] ?? zero, { rows: WIDTH });
    expectNear(actual, withLora(zero, up, down, { rows: WIDTH, scale: 4 * 0.75 }));
  });
});

describe('a module that gives its layer another shape', () => {
  const layer = 'img_in';
  const name = `model.diffusion_model.${layer}.weight`;
  const old = numbers([WIDTH, 3], 1);
  const shapeOf = (...shape: number[]) => ({ shape: [shape.length], values: shape, dtype: 'I64' as const });
  const adapter = (rows: number, columns: number): NumberFile => ({
    [`diffusion_model.${layer}.lora_A.weight`]: numbers([RANK, columns], 5),
    [`diffusion_model.${layer}.lora_B.weight`]: numbers([rows, RANK], 6),
    [`diffusion_model.${layer}.reshape_weight`]: shapeOf(rows, columns),
  });

  it.each([
    ['inputs', WIDTH, 7],
    ['outputs', WIDTH + 2, 3],
    ['both', WIDTH + 2, 7],
  ])('adds to a layer with zeros behind its %s', async (_, rows, columns) => {
    const file = adapter(rows, columns);
    const { report, written } = await bake({ [name]: old }, file);
    expect(written[name]?.shape).toEqual([rows, columns]);
    const padded = Array.from({ length: rows * columns }, (__, index) => {
      const [row, column] = [Math.floor(index / columns), index % columns];
      return row < WIDTH && column < 3 ? (old.values[row * 3 + column] ?? Number.NaN) : 0;
    });
    const [up, down] = partsOf(file, `diffusion_model.${layer}`);
    expectNear(written[name]?.values, withLora({ shape: [rows, columns], values: padded }, up, down, { rows }));
    expect(report.warnings).toEqual([expect.stringContaining(`to [${rows}, ${columns}]`)]);
  });

  it.each([
    ['smaller', { [name]: old }, shapeOf(WIDTH, 2)],
    ['of other dimensions', { [name]: old }, shapeOf(WIDTH, 7, 1)],
    ['of no whole number', { [name]: old }, { shape: [2], values: [WIDTH, 7.5] }],
    ['beyond all measure', { [name]: old }, shapeOf(WIDTH, 1_000_000)],
    [
      'of more outputs than its bias has',
      { [name]: old, [name.replace('weight', 'bias')]: numbers([WIDTH], 2) },
      shapeOf(WIDTH + 1, 3),
    ],
  ])('is refused where the shape is %s', async (_, checkpoint, shape) => {
    const file = { ...adapter(WIDTH, 7), [`diffusion_model.${layer}.reshape_weight`]: shape };
    await expect(bake(checkpoint, file)).rejects.toMatchObject({ name: 'MergeError', code: 'bad-adapter' });
  });
});
