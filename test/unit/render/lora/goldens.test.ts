import { afterAll, describe, expect, test } from 'vitest';
import { attention, GraphBuilder, linear } from '#lib/render/onnx/index.ts';
import type { Weight } from '#lib/render/weights/index.ts';
import {
  ATTENTION,
  CASES,
  FP16,
  FP32,
  LoraFolder,
  run,
  runCase,
  STRENGTHS,
  type Storage,
} from '#test/fixtures/render/lora-cases.ts';
import { randomNumbers } from '#test/fixtures/render/random-weights.ts';
import { readGoldens } from '#test/support/goldens.ts';
import { relativeError } from '#test/support/onnx-session.ts';

const golden = readGoldens('render/lora.safetensors');
const folder = new LoraFolder();
afterAll(() => folder[Symbol.dispose]());

/** The issue asks for 1e-4. */
const TOLERANCE = 2e-6;
/** The change of a BOFT is kept whole: beside a checkpoint in halves in halves too, as exact as its own numbers. */
const toleranceOf = (name: string, storage: Storage) => (name === 'BOFT' && storage === 'F16' ? 2 ** -11 : TOLERANCE);

function expectClose(actual: Float32Array, name: string, tolerance: number): void {
  const error = relativeError(actual, golden(name));
  if (process.env.SHOW_ERRORS !== undefined) console.log(error.toExponential(1), name);
  expect(error, name).toBeLessThan(tolerance);
}

describe.each(['F32', 'F16'] as const)('a layer with a LoRA agrees with torch, both stored in %s', (storage) => {
  test.each(CASES.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const checkpoint = folder.checkpointOf(one, storage);
    await using loras = await folder.prepare(checkpoint, [folder.write(name, one.lora, storage)]);
    expect(loras.report).toMatchObject([{ modules: 1, placed: 1, share: 1, unplaced: [], ignored: [] }]);
    for (const strength of STRENGTHS[storage]) {
      const parameters = loras.inputs([strength]);
      const output = await runCase(one, checkpoint, { patches: loras.patches, parameters });
      expectClose(output, `${name}/${storage}/${strength}`, toleranceOf(name, storage));
    }
  });
});

describe('a layer with a LoRA, computed in half precision', () => {
  test.each(CASES.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const checkpoint = folder.checkpointOf(one, 'F16');
    await using loras = await folder.prepare(checkpoint, [folder.write(name, one.lora, 'F16')]);
    const parameters = loras.inputs([-0.7]);
    const output = await runCase(one, checkpoint, { patches: loras.patches, parameters, target: FP16 });
    expectClose(output, `${name}/F16/-0.7`, 3e-3);
  });
});

test('at the weight 0 every bit is that of the layer without a LoRA', async () => {
  for (const one of CASES) {
    const checkpoint = folder.checkpointOf(one);
    await using loras = await folder.prepare(checkpoint, [folder.write(one.name, one.lora)]);
    const output = await runCase(one, checkpoint, { patches: loras.patches, parameters: loras.inputs([0]) });
    expect(output, one.name).toEqual(await runCase(one, checkpoint));
  }
});

const STEM = 'model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.';
const MODULE = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_';
const tensorOf = (layer: string) => `${STEM}${layer.replace('to_out_0', 'to_out.0')}.weight`;

test.each(['F32', 'F16'] as const)('an attention whose layers have LoRAs of four kinds, in %s', async (storage) => {
  const layers = Object.keys(ATTENTION);
  const shapes = Object.fromEntries(layers.map((layer) => [tensorOf(layer), [32, 32]]));
  const checkpoint = folder.write('attention', shapes, storage);
  const parts = Object.entries(ATTENTION).flatMap(([layer, sizes]) =>
    Object.entries(sizes).map(([part, shape]) => [`${MODULE}${layer}.${part}`, shape] as const),
  );
  await using loras = await folder.prepare(checkpoint, [folder.write('attention', Object.fromEntries(parts), storage)]);
  const graph = new GraphBuilder(FP32, loras.patches);
  const x = graph.input('x', 'F32', [9, 32]);
  const through = (value: string, layer: string) =>
    linear(graph, value, { weight: checkpoint.tensors.get(tensorOf(layer)) as Weight });
  const [q = '', k = '', v = ''] = ['to_q', 'to_k', 'to_v'].map((layer) =>
    graph.reshape(through(x, layer), [1, 9, 32]),
  );
  const mixed = attention(graph, { q, k, v }, { batch: 1, queries: 9, keys: 9, heads: 4, headSize: 8 });
  graph.output('y', through(graph.reshape(mixed, [9, 32]), 'to_out_0'), 'F32', [9, 32]);

  const data = randomNumbers('attention x', [9, 32]);
  for (const strength of STRENGTHS[storage]) {
    const input = { type: 'float32', data, shape: [9, 32] } as const;
    const output = await run(graph, { x: input }, loras.inputs([strength]));
    expectClose(output, `attention/${storage}/${strength}`, TOLERANCE);
  }
});
