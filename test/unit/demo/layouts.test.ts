import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fullLayout, LAYOUT_KINDS, type LayoutKind, type LayoutTensor, slimLayout } from '#lib/demo/index.ts';
import { identify, matchModules } from '#scanner/identify/index.ts';
import { tensorTable } from '../../fixtures/tensor-table.ts';

const countOf = (tensors: readonly LayoutTensor[]) =>
  tensors.reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
const under = (kind: LayoutKind, prefix: string) =>
  fullLayout(kind)
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, shape }) => ({ name: name.slice(prefix.length), shape }));

const UNET = 'model.diffusion_model.';
const VAE = 'first_stage_model.';
const CLIP_1 = 'cond_stage_model.transformer.text_model.';
const CLIP_2 = 'cond_stage_model.model.';
const CLIP_XL_1 = 'conditioner.embedders.0.transformer.text_model.';
const CLIP_XL_2 = 'conditioner.embedders.1.model.';
const CLIP_REFINER = 'conditioner.embedders.0.model.';

describe('a full layout', () => {
  // Tensors and parameters as published: SD 1.x 859.5 M, SD 2.x 865.9 M, SDXL 2567 M; VAE 83.7 M;
  // CLIP L 123.1 M, OpenCLIP H 354.0 M, bigG 694.7 M. The refiner's from its 6.08 GB in half precision.
  it.each<[LayoutKind, string, tensors: number, millions: number]>([
    ['sd1', UNET, 686, 859.5],
    ['sd1-inpaint', UNET, 686, 859.5],
    ['sd1-pix2pix', UNET, 686, 859.5],
    ['sd2', UNET, 686, 865.9],
    ['sdxl', UNET, 1680, 2567.5],
    ['sdxl-refiner', UNET, 1220, 2259.5],
    ['sd1', VAE, 248, 83.7],
    ['sd1', CLIP_1, 197, 123.1],
    ['sd2', CLIP_2, 294, 354],
    ['sdxl', CLIP_XL_1, 197, 123.1],
    ['sdxl', CLIP_XL_2, 390, 694.7],
    ['sdxl-refiner', CLIP_REFINER, 390, 694.7],
  ])('of %s has under %s %i tensors, %d million parameters', (kind, prefix, tensors, millions) => {
    const part = under(kind, prefix);

    expect(part).toHaveLength(tensors);
    expect(new Set(part.map(({ name }) => name)).size).toBe(tensors);
    expect(Math.abs(countOf(part) / 1e6 - millions)).toBeLessThan(0.06);
  });

  // kohya's files in half precision: 151 MB for SD 1.x at rank 128, 228 MB for SDXL at rank 32.
  it.each<[LayoutKind, modules: number, megabytes: number]>([
    ['lora-sd1', 192 + 72, 151 / 8],
    ['lora-sd2', 192 + 138, 27.4],
    ['lora-sdxl', 722 + 72 + 192, 228 / 2],
  ])('of %s has %i modules of three tensors, %d MB', (kind, modules, megabytes) => {
    const layout = fullLayout(kind);

    expect(new Set(layout.map(({ name }) => name)).size).toBe(modules * 3);
    expect(Math.abs((countOf(layout) * 2) / 1e6 - megabytes)).toBeLessThan(0.1);
  });

  it.each<[LayoutKind, name: string, shape: number[]]>([
    ['sd1', `${UNET}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight`, [640, 768]],
    ['sd1', `${UNET}input_blocks.1.1.proj_in.weight`, [320, 320, 1, 1]],
    ['sd1-inpaint', `${UNET}input_blocks.0.0.weight`, [320, 9, 3, 3]],
    ['sd1-pix2pix', `${UNET}input_blocks.0.0.weight`, [320, 8, 3, 3]],
    ['sd2', `${UNET}input_blocks.1.1.proj_in.weight`, [320, 320]],
    ['sd2', `${UNET}output_blocks.11.1.transformer_blocks.0.norm1.bias`, [320]],
    ['sdxl', `${UNET}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight`, [640, 2048]],
    ['sdxl', `${UNET}label_emb.0.0.weight`, [1280, 2816]],
    ['sdxl-refiner', `${UNET}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight`, [768, 1280]],
    ['sdxl-refiner', `${UNET}output_blocks.11.0.skip_connection.weight`, [384, 768, 1, 1]],
    ['lora-sdxl', 'lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k.lora_down.weight', [16, 2048]],
    ['lora-sd1', 'lora_unet_down_blocks_0_attentions_0_proj_in.lora_up.weight', [320, 16, 1, 1]],
    ['embedding-sdxl', 'clip_g', [8, 1280]],
  ])('of %s has %s %j', (kind, name, shape) => {
    expect(fullLayout(kind).find((tensor) => tensor.name === name)?.shape).toEqual(shape);
  });
});

it.each(LAYOUT_KINDS)('the slim layout of %s has every name of the full one, in little room', (kind) => {
  const slim = slimLayout(kind);

  expect(slim.map(({ name }) => name)).toEqual(fullLayout(kind).map(({ name }) => name));
  expect(countOf(slim) * 2).toBeLessThan(kind === 'lora-sdxl' ? 7.5e6 : 3e6);
});

it.each(['sd1', 'sd2', 'sdxl'] as const)(
  'the slim LoRA for %s is known as one, and fits the slim checkpoint',
  (base) => {
    const tensors = (kind: LayoutKind) => slimLayout(kind).map(({ name, shape }) => ({ name, shape, dtype: 'F16' }));
    const shapes = Object.fromEntries(slimLayout(`lora-${base}`).map(({ name, shape }) => [name, shape]));
    expect(identify(tensorTable(shapes))).toMatchObject({ type: 'lora', base });
    expect(matchModules({ tensors: tensors(`lora-${base}`) }, { tensors: tensors(base) })).toMatchObject({
      fit: 'compatible',
      share: 1,
    });
  },
);

/**
 * Digests of the tensor lists of published models: the lines `name [side,side]`, sorted, joined by line feeds, and the
 * first 16 digits of their SHA-256. A rank of a LoRA counts as -1, because it differs from file to file.
 */
describe('a full layout has the names and shapes of the published', () => {
  it.each<[model: string, kind: LayoutKind, prefix: string, digest: string]>([
    ['UNET-v1-SD', 'sd1', UNET, '0a32647aed4bb212'],
    ['UNET-v1-Inpainting', 'sd1-inpaint', UNET, 'f32853fdaf221a0f'],
    ['UNET-v1-Pix2Pix', 'sd1-pix2pix', UNET, '006a2f27780cacd1'],
    ['UNET-v2-SD', 'sd2', UNET, 'ddc5d94a25ab77b2'],
    ['UNET-v2-Inpainting', 'sd2-inpaint', UNET, '8f1ca420f4f8951d'],
    ['UNET-XL-SD', 'sdxl', UNET, '8d7b1da7059706a0'],
    ['UNET-XL-Refiner', 'sdxl-refiner', UNET, '56e3de1cb0ca7a5b'],
    ['VAE-v1-SD', 'sd1', VAE, '240432d782157824'],
    ['CLIP-v1-SD', 'sd1', CLIP_1, '9108aaedac707a08'],
    ['CLIP-v2-SD', 'sd2', CLIP_2, '905cc8eaf7c1815e'],
    ['CLIP-XL-SD', 'sdxl', CLIP_XL_2, 'f7bfae1268219028'],
    ['LoRA-v1A-UNET', 'lora-sd1', 'lora_unet_', 'cd4372ebb727334d'],
    ['LoRA-v1A-CLIP', 'lora-sd1', 'lora_te_', 'f7d7076f2453a463'],
  ])('%s: %s under %s', (_, kind, prefix, digest) => {
    const lora = kind.startsWith('lora');
    const lines = under(kind, prefix).map(({ name, shape }) => {
      const sides = shape.map((side) => (lora && side === 16 ? -1 : side));
      return `${lora ? prefix : ''}${name} [${sides.join(',')}]`;
    });

    expect(createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 16)).toBe(digest);
  });
});
