import { afterAll, describe, expect, test } from 'vitest';
import type { GraphTarget } from '#lib/render/onnx/index.ts';
import {
  buildTextEncoder,
  hiddenStateOf,
  readTextEncoder,
  readTextEncoders,
  type TextBase,
  type TextEncoder,
} from '#lib/render/text/index.ts';
import { readGoldens } from '#test/support/goldens.ts';
import { relativeError, runGraph } from '#test/support/onnx-session.ts';
import { BATCH, endInput, keptPositions, LAYOUTS, ModelFolder, textInputs, vectorInputs } from './encoder-files.ts';

const golden = readGoldens('render/text.safetensors');
const folder = new ModelFolder();
afterAll(() => folder[Symbol.dispose]());

const FUSED: GraphTarget = { precision: 'fp32', attention: 'fused', attentionBytes: 1e9 };
/** Room for the scores of a few queries at once, so that attention comes in parts. */
const IN_PARTS: GraphTarget = { precision: 'fp32', attention: 'decomposed', attentionBytes: 50_000 };
const TARGETS = [FUSED, IN_PARTS];

/** The issue asks for 1e-4; what is reached lies below 1e-6. */
const TOLERANCE = 5e-6;

const one = (encoder: TextEncoder | null | undefined): TextEncoder => {
  if (encoder === null || encoder === undefined) throw new Error('There is no such encoder.');
  return encoder;
};

interface Run {
  encoder: TextEncoder;
  base: TextBase;
  clipSkip?: number;
  pooled?: boolean;
  replaced?: boolean;
  target?: GraphTarget;
}

async function run({ encoder, base, clipSkip = 1, pooled = false, replaced = false, target = FUSED }: Run) {
  const state = hiddenStateOf(base, encoder, clipSkip);
  const results = await runGraph(buildTextEncoder(encoder, { target, batch: BATCH, state, pooled, replaced }), {
    ...textInputs(),
    ...(pooled ? endInput() : {}),
    ...(replaced ? vectorInputs(encoder.width) : {}),
  });
  return { kept: keptPositions(results.hidden ?? new Float32Array(), encoder.width), pooled: results.pooled };
}

function expectClose(actual: Float32Array | undefined, name: string, tolerance = TOLERANCE): void {
  const error = relativeError(actual ?? [], golden(name));
  if (process.env.SHOW_ERRORS !== undefined) console.log(name, error);
  expect(error, name).toBeLessThan(tolerance);
}

describe('the text encoder of SD 1.x agrees with transformers', () => {
  const encoderOf = (options: Parameters<ModelFolder['write']>[1] = {}) =>
    one(readTextEncoders(folder.write(LAYOUTS.sd1, options), 'sd1')[0]);

  test.each(TARGETS)('attention $attention, by clip skip', async (target) => {
    const encoder = encoderOf();
    expectClose((await run({ encoder, base: 'sd1', target })).kept, 'sd1/skip1');
    expectClose((await run({ encoder, base: 'sd1', clipSkip: 2, target })).kept, 'sd1/skip2');
  });

  test.each(TARGETS)('attention $attention, with vectors of textual inversions', async (target) => {
    expectClose((await run({ encoder: encoderOf(), base: 'sd1', replaced: true, target })).kept, 'sd1/vectors');
  });

  test.each([
    ['without text_model', (name: string) => name.replace('text_model.', '')],
    ['as diffusers names it', (name: string) => name.replace('cond_stage_model.transformer.', 'text_encoder.')],
    ['in a file of its own', (name: string) => name.replace('cond_stage_model.transformer.', '')],
    ['in such a file, without text_model', (name: string) => name.replace(/^.*text_model\./, '')],
  ])('%s', async (_, rename) => {
    expectClose((await run({ encoder: encoderOf({ rename }), base: 'sd1' })).kept, 'sd1/skip1');
  });

  test.each([
    ['F16', 'float16'],
    ['BF16', 'bfloat16'],
    ['F8_E4M3', 'float8_e4m3fn'],
  ] as const)('stored as %s', async (dtype, name) => {
    const encoder = encoderOf({ dtype });
    expectClose((await run({ encoder, base: 'sd1' })).kept, `sd1/${name}`);
    const plain = relativeError((await run({ encoder, base: 'sd1' })).kept, golden('sd1/skip1'));
    expect(plain, 'the rounding shows, so it is the stored numbers that were drawn with').toBeGreaterThan(1e-4);
  });

  test.each([
    { ...FUSED, precision: 'fp16' },
    { ...IN_PARTS, precision: 'fp16' },
  ] as const)('computed in fp16, attention $attention', async (target) => {
    const encoder = encoderOf({ dtype: 'F16' });
    expectClose((await run({ encoder, base: 'sd1', target })).kept, 'sd1/float16', 5e-3);
    expectClose((await run({ encoder, base: 'sd1', replaced: true, target })).kept, 'sd1/vectors', 5e-3);
  });
});

describe('the text encoder of SD 2.x', () => {
  test.each(TARGETS)('attention $attention: agrees with OpenCLIP whatever the clip skip', async (target) => {
    const encoder = one(readTextEncoders(folder.write(LAYOUTS.sd2), 'sd2')[0]);
    expectClose((await run({ encoder, base: 'sd2', target })).kept, 'sd2/open-clip');
    expectClose((await run({ encoder, base: 'sd2', clipSkip: 2, target })).kept, 'sd2/open-clip');
  });

  test('agrees with transformers under the names of diffusers', async () => {
    const encoder = one(readTextEncoders(folder.write(LAYOUTS['sd2-diffusers']), 'sd2')[0]);
    expectClose((await run({ encoder, base: 'sd2' })).kept, 'sd2/diffusers');
  });
});

describe('the text encoders of SDXL', () => {
  test.each(TARGETS)('attention $attention: agree with transformers and OpenCLIP', async (target) => {
    const [l, g] = readTextEncoders(folder.write(LAYOUTS.sdxl), 'sdxl');
    expectClose((await run({ encoder: one(l), base: 'sdxl', target })).kept, 'sdxl/l');
    const second = await run({ encoder: one(g), base: 'sdxl', clipSkip: 2, pooled: true, target });
    expectClose(second.kept, 'sdxl/g');
    expectClose(second.pooled, 'sdxl/g-pooled');
  });

  test('take an earlier layer from clip skip 3 on, and pool the last all the same', async () => {
    const encoder = one(readTextEncoders(folder.write(LAYOUTS.sdxl), 'sdxl')[1]);
    const { kept, pooled } = await run({ encoder, base: 'sdxl', clipSkip: 3, pooled: true });
    expectClose(kept, 'sdxl/g-skip3');
    expectClose(pooled, 'sdxl/g-pooled');
  });

  test('agree under the names of diffusers, whose projection lies the other way round', async () => {
    const [l, g] = readTextEncoders(folder.write(LAYOUTS['sdxl-diffusers']), 'sdxl');
    expect([l?.kind, g?.kind]).toEqual(['clip-l', 'openclip-g']);
    const { kept, pooled } = await run({ encoder: one(g), base: 'sdxl', pooled: true });
    expectClose(kept, 'sdxl/g-diffusers');
    expectClose(pooled, 'sdxl/g-diffusers-pooled');
  });

  test.each(['fp16', 'fp32'] as const)('pool in %s a file of OpenCLIP alone', async (precision) => {
    const rename = (name: string) => name.replace('conditioner.embedders.1.model.', '');
    const encoder = one(readTextEncoder(folder.write(LAYOUTS.sdxl, { rename }), 'openclip-g'));
    const target = { ...IN_PARTS, precision };
    const { pooled } = await run({ encoder, base: 'sdxl', pooled: true, target });
    expectClose(pooled, 'sdxl/g-pooled', precision === 'fp16' ? 1e-2 : TOLERANCE);
  });
});
