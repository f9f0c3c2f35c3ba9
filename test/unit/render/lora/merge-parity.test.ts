import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openClipLayout, unetLayout, withPrefix } from '#lib/demo/index.ts';
import { convolution, GraphBuilder, groupNorm, type LayerPatches, linear } from '#lib/render/onnx/index.ts';
import { openWeightFile, rowsOf, type Weight, type WeightFile } from '#lib/render/weights/index.ts';
import { mergeModels } from '#scanner/merge/index.ts';
import { FP32, LoraFolder, parameterInputs } from '#test/fixtures/render/lora-cases.ts';
import { randomNumbers } from '#test/fixtures/render/random-weights.ts';
import { type GraphInput, relativeError, runGraph } from '#test/support/onnx-session.ts';

const folder = new LoraFolder();
afterAll(() => folder[Symbol.dispose]());

const UNET = 'model.diffusion_model.';
const TEXT = 'conditioner.embedders.1.model.';
const LAYOUT = [
  ...withPrefix(
    UNET,
    unetLayout({
      channels: 32,
      multipliers: [1, 2],
      depths: [1, 0],
      middleDepth: 1,
      inputChannels: 4,
      context: 24,
      vector: 40,
      linearProjection: false,
    }),
  ),
  ...withPrefix(TEXT, openClipLayout({ width: 16, depth: 2 })).filter(({ name }) => !name.includes('token_embedding')),
];

/** One layer of the networks, and the module that stands for it. */
interface Place {
  module: string;
  weight: string;
  shape: readonly number[];
  row: number;
  rows: number;
}

const PLACES: Place[] = LAYOUT.flatMap(({ name, shape }) => {
  const [rows = 1] = shape;
  if (name.startsWith(UNET) && name.endsWith('.weight')) {
    const module = `lora_unet_${name.slice(UNET.length, -'.weight'.length).replaceAll('.', '_')}`;
    return [{ module, weight: name, shape, row: 0, rows }];
  }
  const [, block, layer = ''] = /resblocks\.(\d+)\.(.+)$/.exec(name) ?? [];
  const stem = `lora_te2_text_model_encoder_layers_${block}_`;
  if (layer === 'mlp.c_fc.weight') return [{ module: `${stem}mlp_fc1`, weight: name, shape, row: 0, rows }];
  if (layer !== 'attn.in_proj_weight') return [];
  return ['q', 'k', 'v'].map((part, index) => {
    const third = rows / 3;
    return { module: `${stem}self_attn_${part}_proj`, weight: name, shape, row: index * third, rows: third };
  });
});

type Parts = Record<string, readonly number[] | number>;

/** Modules of every kind, one after the other. */
const KINDS: readonly ((out: number, input: number, kernel: readonly number[]) => Parts)[] = [
  (out, input, kernel) => ({
    'lora_down.weight': [4, input, ...kernel],
    'lora_up.weight': [out, 4, ...kernel.map(() => 1)],
    alpha: 2,
  }),
  (out, input, kernel) => ({
    hada_w1_a: [out, 2],
    hada_w1_b: [2, input * size(kernel)],
    hada_w2_a: [out, 2],
    hada_w2_b: [2, input * size(kernel)],
    alpha: 1,
  }),
  (out, input, kernel) => ({ lokr_w1: [2, 2], lokr_w2: [out / 2, input / 2, ...kernel] }),
  (out, input, kernel) => ({
    'lora_down.weight': [4, input, ...kernel],
    'lora_up.weight': [out, 4, ...kernel.map(() => 1)],
    dora_scale: [out, 1, ...kernel.map(() => 1)],
  }),
  (out) => ({ oft_blocks: [out / 4, 4, 4], alpha: 0.5 }),
  (out, input, kernel) => ({ diff: [out, input, ...kernel] }),
  (out) => ({ weight: [out], on_input: 0 }),
  (out) => ({ oft_blocks: [2, out / 4, 4, 4], alpha: 0.5 }),
];
const size = (kernel: readonly number[]) => kernel.reduce((product, side) => product * side, 1);

function partsOf({ shape, rows }: Place, index: number): Parts {
  const [, input, ...kernel] = shape;
  if (input === undefined) return { w_norm: [rows], b_norm: [rows] };
  // A 4 × 3 × 3 kernel has outputs or inputs that do not divide for some kinds.
  const kind = rows % 16 === 0 && input % 2 === 0 ? index % KINDS.length : 0;
  return KINDS[kind]?.(rows, input, kernel) ?? {};
}

const modules = PLACES.flatMap((place, index) =>
  Object.entries(partsOf(place, index)).map(([part, shape]) => [`${place.module}.${part}`, shape] as const),
);
const checkpoint = folder.write('model', Object.fromEntries(LAYOUT.map(({ name, shape }) => [name, shape])));
const lora = folder.write('lora', Object.fromEntries(modules));

/** What every layer makes of an input of its own. */
async function runAll(
  file: WeightFile,
  patches?: LayerPatches,
  parameters: Record<string, number> = {},
): Promise<Record<string, Float32Array>> {
  const graph = new GraphBuilder(FP32, patches);
  const inputs: Record<string, GraphInput> = {};
  for (const { module, weight: name, shape, row, rows } of PLACES) {
    const weight = rowsOf(file.tensors.get(name) as Weight, row, rows);
    const stored = file.tensors.get(name.replace(/weight$/, 'bias'));
    const layer = { weight, bias: stored === undefined ? undefined : rowsOf(stored, row, rows), row };
    const [, input = rows, ...kernel] = shape;
    const asPicture = shape.length !== 2;
    const given = asPicture ? [1, input, 4, 4] : [3, input];
    const x = graph.input(`x ${module}`, 'F32', given);
    inputs[`x ${module}`] = { type: 'float32', data: randomNumbers(module, given), shape: given };
    let y = '';
    if (kernel.length > 0) y = convolution(graph, x, layer);
    else if (asPicture) y = groupNorm(graph, x, { ...layer, bias: layer.bias as Weight }, { shape: given });
    else y = linear(graph, x, layer);
    graph.output(`y ${module}`, y, 'F32', asPicture ? [1, rows, 4, 4] : [3, rows]);
  }
  const built = graph.build();
  return await runGraph(built, { ...inputs, ...parameterInputs(built, parameters) });
}

test('a LoRA in the graph draws as the checkpoint does that it was baked into', async () => {
  await using loras = await folder.prepare(checkpoint, [lora]);
  expect(loras.report).toMatchObject([{ placed: PLACES.length, modules: PLACES.length, ignored: [] }]);
  const plain = await runAll(checkpoint);
  for (const [unet, text] of [
    [0.7, -0.4],
    [-1.3, 0],
    [1, 1],
  ] as const) {
    const target = join(folder.path, `baked ${unet}.safetensors`);
    const sha256 = 'a'.repeat(64);
    const a = { path: checkpoint.path, name: 'a', sha256 };
    const loraFile = { path: lora.path, name: 'lora', sha256, weight: unet, textWeight: text };
    await mergeModels({ kind: 'bake-loras', a, loras: [loraFile] }, target, { name: 'baked' });
    const baked = await runAll(openWeightFile(target));
    const applied = await runAll(checkpoint, loras.patches, loras.inputs([{ unet, text }]));
    let worst = 0;
    for (const [name, numbers] of Object.entries(applied)) {
      const error = relativeError(numbers, baked[name] ?? []);
      worst = Math.max(worst, error);
      expect(error, name).toBeLessThan(2e-6);
      const isChanged = text !== 0 || !name.includes('lora_te2');
      expect(relativeError(numbers, plain[name] ?? []) > 1e-3, name).toBe(isChanged);
    }
    if (process.env.SHOW_ERRORS !== undefined) console.log(unet, text, worst);
  }
});
