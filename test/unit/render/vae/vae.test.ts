import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type LayoutTensor, slimLayout, vaeLayout, withPrefix } from '#lib/demo/index.ts';
import type { GraphTarget } from '#lib/render/onnx/index.ts';
import { RenderError } from '#lib/render/types.ts';
import { buildVaeDecoder, buildVaeEncoder, readVae, readVaeEncoder, scaleFactorOf } from '#lib/render/vae/index.ts';
import { openWeightFile, type WeightFile } from '#lib/render/weights/index.ts';
import type { TargetDtype } from '#scanner/convert/index.ts';
import { randomNumbers } from '#test/fixtures/render/random-weights.ts';
import { writeStoredModel } from '#test/fixtures/render/stored-model.ts';
import { readGoldens } from '#test/support/goldens.ts';
import { type GraphInput, relativeError, runGraph } from '#test/support/onnx-session.ts';
import { renameVae } from './diffusers-names.ts';

const golden = readGoldens('render/vae.safetensors');
const folder = mkdtempSync(join(tmpdir(), 'weighhouse-vae-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As in `test/conformance/python/vae_goldens.py`. */
const LATENT = { latentHeight: 6, latentWidth: 8 };
const PICTURE = { height: 48, width: 64 };
const ORIGINAL = 'first_stage_model.';
const LAYOUT = withPrefix(ORIGINAL, vaeLayout(32));
/** Matrices in place of kernels, as diffusers keeps them. */
const DIFFUSERS = vaeLayout(32).map(({ name, shape }): LayoutTensor => {
  const renamed = `vae.${renameVae(name)}`;
  return { name: renamed, shape: renamed.includes('attentions') ? shape.slice(0, 2) : shape };
});

const FUSED: GraphTarget = { precision: 'fp32', attention: 'fused', attentionBytes: 1e9 };
/** Room for the scores of a few queries at once, so that attention comes in parts. */
const IN_PARTS: GraphTarget = { precision: 'fp32', attention: 'decomposed', attentionBytes: 2000 };
const TARGETS = [FUSED, IN_PARTS];
/** The issue asks for 1e-4; what is reached lies below 2e-6. */
const TOLERANCE = 1e-5;

let files = 0;
function write(
  layout: readonly LayoutTensor[],
  options: { dtype?: TargetDtype; rename?: (name: string) => string } = {},
): WeightFile {
  files += 1;
  const path = join(folder, `${files}.safetensors`);
  writeStoredModel(path, layout, options);
  return openWeightFile(path);
}

function input(name: string, shape: readonly number[]): GraphInput {
  const count = shape.reduce((product, side) => product * side, 1);
  return { type: 'float32', data: randomNumbers(name, [count, 1]), shape };
}

async function decode(file: WeightFile, target: GraphTarget) {
  const vae = readVae(file);
  if (vae === null) throw new Error('There is no VAE.');
  const latent = input('latent', [1, 4, LATENT.latentHeight, LATENT.latentWidth]);
  return await runGraph(buildVaeDecoder(vae, { target, ...LATENT }), { latent });
}

async function encode(file: WeightFile, target: GraphTarget) {
  const encoder = readVaeEncoder(file);
  if (encoder === null) throw new Error('There is no VAE.');
  const picture = input('picture', [1, 3, PICTURE.height, PICTURE.width]);
  return await runGraph(buildVaeEncoder(encoder, { target, ...PICTURE }), { picture });
}

function expectClose(results: Record<string, Float32Array>, model: string, tolerance = TOLERANCE): void {
  for (const [name, actual] of Object.entries(results)) {
    const error = relativeError(actual, golden(`${model}/${name}`));
    if (process.env.SHOW_ERRORS !== undefined) console.log(model, name, error);
    expect(error, `${model}, ${name}`).toBeLessThan(tolerance);
  }
}

function errorOf(act: () => unknown): RenderError {
  try {
    act();
  } catch (error) {
    if (error instanceof RenderError) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
}

describe.each(TARGETS)('agrees with diffusers, attention $attention', (target) => {
  test.each([
    ['in a checkpoint', 'ldm', LAYOUT, {}],
    ['in a file of its own', 'ldm', LAYOUT, { rename: (name: string) => name.replace(ORIGINAL, '') }],
    ['stored in F16', 'ldm-float16', LAYOUT, { dtype: 'F16' }],
    ['under the names of diffusers', 'diffusers', DIFFUSERS, {}],
    [
      'under the older names of diffusers, in a file of its own',
      'diffusers',
      DIFFUSERS,
      { rename: (name: string) => olderName(name).replace('vae.', '') },
    ],
  ] as const)('%s', async (_, model, layout, options) => {
    const file = write(layout, options);
    const decoded = await decode(file, target);
    const encoded = await encode(file, target);
    expect(Object.keys({ ...decoded, ...encoded })).toEqual(['picture', 'mean', 'logVariance']);
    expectClose(decoded, model);
    expectClose(encoded, model);
  });

  test('computed in fp16', async () => {
    const half: GraphTarget = { ...target, precision: 'fp16' };
    const file = write(LAYOUT, { dtype: 'F16' });
    expectClose(await decode(file, half), 'ldm-float16', 1e-2);
    expectClose(await encode(file, half), 'ldm-float16', 1e-2);
  });
});

test('draws several latents at once', async () => {
  const vae = readVae(write(LAYOUT));
  if (vae === null) throw new Error('There is no VAE.');
  const latent = input('latent', [1, 4, LATENT.latentHeight, LATENT.latentWidth]);
  const other = input('other', latent.shape);
  const both: GraphInput = {
    type: 'float32',
    data: Float32Array.from([...other.data, ...latent.data].map(Number)),
    shape: [2, 4, LATENT.latentHeight, LATENT.latentWidth],
  };
  const built = buildVaeDecoder(vae, { target: IN_PARTS, batch: 2, ...LATENT });
  const { picture = new Float32Array() } = await runGraph(built, { latent: both });
  expectClose({ picture: picture.slice(picture.length / 2) }, 'ldm');
});

test('latents of SDXL have another scale', () => {
  expect([scaleFactorOf('sd1'), scaleFactorOf('sd2'), scaleFactorOf('sdxl')]).toEqual([0.182_15, 0.182_15, 0.130_25]);
});

describe('what is no VAE to draw with', () => {
  test('is not there', () => {
    expect(readVae(write([{ name: 'model.diffusion_model.out.2.weight', shape: [4, 8, 3, 3] }]))).toBeNull();
    expect(readVaeEncoder(write(LAYOUT.filter(({ name }) => !name.includes('encoder.'))))).toBeNull();
  });

  test('lacks tensors: says how many and names the first', () => {
    const file = write(LAYOUT.filter(({ name }) => !/decoder\.(up\.2\.block\.1\.|mid\.attn_1\.q\.bias)/.test(name)));
    expect(errorOf(() => readVae(file))).toMatchObject({
      code: 'load_mismatch',
      message:
        'The VAE decoder is missing 9 tensors: "first_stage_model.decoder.up.2.block.1.norm1.weight", "first_stage_model.decoder.up.2.block.1.norm1.bias", "first_stage_model.decoder.up.2.block.1.conv1.weight" and 6 more.',
    });
    expect(readVaeEncoder(file), 'the other half is whole').not.toBeNull();
  });

  test('has layers too narrow for their norms', () => {
    expect(errorOf(() => readVae(write(slimLayout('vae'))))).toMatchObject({ code: 'load_mismatch' });
    expect(errorOf(() => readVae(write(vaeLayout(16))))).toMatchObject({
      code: 'load_mismatch',
      message: 'The VAE has a layer of 16 channels, which is not a multiple of 32.',
    });
  });

  test('is that of another family', () => {
    const wide = LAYOUT.map((tensor) =>
      tensor.name.endsWith('decoder.conv_in.weight') ? { ...tensor, shape: [128, 16, 3, 3] } : tensor,
    ).filter(({ name }) => !name.includes('quant_conv'));
    expect(errorOf(() => readVae(write(wide)))).toMatchObject({
      code: 'unsupported_architecture',
      message: 'The VAE has 16 latent channels; Stable Diffusion uses 4.',
    });
    const flat = LAYOUT.filter(({ name }) => !name.includes('decoder.up.3.'));
    expect(errorOf(() => readVae(write(flat)))).toMatchObject({
      code: 'unsupported_architecture',
      message: 'The VAE scales latents by 4; Stable Diffusion uses 8.',
    });
  });
});

function olderName(name: string): string {
  return name
    .replace('.to_q.', '.query.')
    .replace('.to_k.', '.key.')
    .replace('.to_v.', '.value.')
    .replace('.to_out.0.', '.proj_attn.');
}
