import { afterAll, describe, expect, test } from 'vitest';
import { clipLLayout, type LayoutTensor, slimLayout, withPrefix } from '#lib/demo/index.ts';
import { type GraphBuilder, type LayerPatches, patchKey } from '#lib/render/onnx/index.ts';
import {
  buildTextEncoder,
  hiddenStateOf,
  readTextEncoder,
  readTextEncoders,
  type TextEncoder,
} from '#lib/render/text/index.ts';
import { RenderError } from '#lib/render/types.ts';
import { relativeError, runGraph } from '#test/support/onnx-session.ts';
import { BATCH, LAYOUTS, ModelFolder, textInputs } from './encoder-files.ts';

const folder = new ModelFolder();
afterAll(() => folder[Symbol.dispose]());

function errorOf(act: () => unknown): RenderError {
  try {
    act();
  } catch (error) {
    if (error instanceof RenderError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
}

const without = (layout: readonly LayoutTensor[], pattern: RegExp) => layout.filter(({ name }) => !pattern.test(name));

describe('what is no text encoder to draw with', () => {
  test('lacks tensors: says how many and names the first', () => {
    const one = folder.write(without(LAYOUTS.sd1, /layers\.1\.mlp\.fc2\.bias$/));
    expect(errorOf(() => readTextEncoders(one, 'sd1'))).toMatchObject({
      code: 'load_mismatch',
      message:
        'The text encoder CLIP-L is missing 1 tensor: "cond_stage_model.transformer.text_model.encoder.layers.1.mlp.fc2.bias".',
    });
    const many = folder.write(without(LAYOUTS.sd2, /resblocks\.0\./));
    expect(errorOf(() => readTextEncoders(many, 'sd2')).message).toMatch(
      /^The text encoder OpenCLIP-H is missing 12 tensors: "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight", .* and 9 more\.$/,
    );
  });

  test('has layers of another shape', () => {
    const layout = LAYOUTS.sd1.map((tensor) =>
      tensor.name.endsWith('layers.0.self_attn.q_proj.weight') ? { ...tensor, shape: [64, 128] } : tensor,
    );
    expect(errorOf(() => readTextEncoders(folder.write(layout), 'sd1'))).toMatchObject({
      code: 'load_mismatch',
      message:
        'The shapes of 1 tensor do not match the text encoder CLIP-L: "cond_stage_model.transformer.text_model.encoder.layers.0.self_attn.q_proj.weight" is [64, 128] instead of [128, 128].',
    });
  });

  test.each(['sd1', 'sd2', 'sdxl'] as const)('knows too few words: the slim model of %s', (base) => {
    const error = errorOf(() => readTextEncoders(folder.write(slimLayout(base)), base));
    expect(error).toMatchObject({ code: 'load_mismatch' });
    expect(error.message).toMatch(/ has a vocabulary of \d+ tokens instead of 49408/);
  });

  test('is not there, or is that of another base', () => {
    const l = folder.write(LAYOUTS.sdxl.filter(({ name }) => name.startsWith('conditioner.embedders.0.')));
    expect(errorOf(() => readTextEncoders(l, 'sdxl'))).toMatchObject({
      code: 'load_mismatch',
      message: 'The file has no text encoder OpenCLIP-bigG, which SDXL needs. Use a complete checkpoint.',
    });
    expect(errorOf(() => readTextEncoders(l, 'sd2')).message).toContain('OpenCLIP-H, which SD 2.x needs');
    expect(readTextEncoder(l, 'clip-l')?.width).toBe(64);
    expect(readTextEncoder(l, 'openclip-g')).toBeNull();
  });

  test('one file without prefixes is never taken for both of SDXL', () => {
    const file = folder.write(withPrefix('text_model.', clipLLayout({ width: 64, depth: 1 })));
    expect(readTextEncoder(file, 'clip-l')?.layers).toHaveLength(1);
    expect(errorOf(() => readTextEncoders(file, 'sdxl')).code).toBe('load_mismatch');
  });
});

describe('which state a base takes', () => {
  const encoder = (depth: number) => ({ layers: Array.from({ length: depth }) }) as unknown as TextEncoder;

  test.each([
    ['sd1', 12, 1, { layers: 12, finalNorm: true }],
    ['sd1', 12, 2, { layers: 11, finalNorm: true }],
    ['sd1', 12, 12, { layers: 1, finalNorm: true }],
    ['sd2', 23, 1, { layers: 23, finalNorm: true }],
    ['sd2', 23, 2, { layers: 23, finalNorm: true }],
    ['sdxl', 32, 1, { layers: 31, finalNorm: false }],
    ['sdxl', 32, 2, { layers: 31, finalNorm: false }],
    ['sdxl', 32, 4, { layers: 29, finalNorm: false }],
  ] as const)('%s of %i layers, clip skip %i', (base, depth, clipSkip, state) => {
    expect(hiddenStateOf(base, encoder(depth), clipSkip)).toEqual(state);
  });

  test('more than there are is refused', () => {
    expect(errorOf(() => hiddenStateOf('sd1', encoder(12), 13))).toMatchObject({
      code: 'bad_request',
      message: 'Clip skip 13 exceeds the 12 layers of the text encoder.',
    });
  });

  test('the whole OpenCLIP H under the names of transformers loses its last layer too', () => {
    const layout = (depth: number) => withPrefix('text_encoder.text_model.', clipLLayout({ width: 64, depth }));
    expect(readTextEncoders(folder.write(layout(24)), 'sd2')[0]?.layers).toHaveLength(23);
    expect(readTextEncoders(folder.write(layout(23)), 'sd2')[0]?.layers).toHaveLength(23);
  });
});

test('only the layers that are needed are part of the graph, and attention is as the target wants it', () => {
  const [encoder] = readTextEncoders(folder.write(LAYOUTS.sd1), 'sd1');
  if (encoder === undefined) throw new Error('There is no encoder.');
  const textOf = (layers: number, attention: 'fused' | 'decomposed' = 'fused') => {
    const target = { precision: 'fp32', attention, attentionBytes: 1e9 } as const;
    const { model } = buildTextEncoder(encoder, { target, batch: 1, state: { layers, finalNorm: true } });
    return Buffer.from(model).toString('latin1');
  };
  expect(textOf(2)).toContain('encoder.layers.1.');
  expect(textOf(2)).not.toContain('encoder.layers.2.');
  expect(textOf(3)).toContain('encoder.layers.2.');
  expect(textOf(3)).toContain('MultiHeadAttention');
  expect(textOf(3, 'decomposed')).not.toContain('MultiHeadAttention');
});

test('a patch finds queries, keys and values that are rows of one tensor', async () => {
  const [encoder] = readTextEncoders(folder.write(LAYOUTS.sd2), 'sd2');
  if (encoder === undefined) throw new Error('There is no encoder.');
  const name = 'cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight';
  const double = (graph: GraphBuilder, value: string) => graph.op('Mul', [value, graph.numbers(2)]);
  const doubled = (row: number): LayerPatches =>
    new Map([
      [
        patchKey(name, row),
        [{ changeWeight: double, changeBias: (graph, bias) => (bias === null ? null : double(graph, bias)) }],
      ],
    ]);
  const run = async (patches: LayerPatches) => {
    const target = { precision: 'fp32', attention: 'fused', attentionBytes: 1e9 } as const;
    const state = hiddenStateOf('sd2', encoder, 1);
    const built = buildTextEncoder(encoder, { target, batch: BATCH, state, patches });
    return (await runGraph(built, textInputs())).hidden ?? new Float32Array();
  };
  const [plain, queries, keys, values] = await Promise.all([
    run(new Map()),
    run(doubled(0)),
    run(doubled(encoder.width)),
    run(doubled(encoder.width * 2)),
  ]);
  expect(relativeError(queries, plain)).toBeGreaterThan(0.01);
  // Scores are products of both.
  expect(relativeError(keys, queries)).toBeLessThan(5e-6);
  expect(relativeError(values, queries)).toBeGreaterThan(0.01);
});
