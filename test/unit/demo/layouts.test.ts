import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fullLayout, LAYOUT_KINDS, type LayoutKind, type LayoutTensor, slimLayout } from '../../../lib/demo/index.ts';

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

/** Lists of real models' tensors, where someone has put them beside the project. One line a tensor: name, shape. */
const LISTS = resolve('../shared/data/layouts');

describe.skipIf(!existsSync(LISTS))('against lists read off published models', () => {
  it.each<[file: string, kind: LayoutKind, prefix: string]>([
    ['UNET-v1-SD.txt', 'sd1', UNET],
    ['UNET-v1-Inpainting.txt', 'sd1-inpaint', UNET],
    ['UNET-v1-Pix2Pix.txt', 'sd1-pix2pix', UNET],
    ['UNET-v2-SD.txt', 'sd2', UNET],
    ['UNET-v2-Inpainting.txt', 'sd2-inpaint', UNET],
    ['UNET-XL-SD.txt', 'sdxl', UNET],
    ['UNET-XL-Refiner.txt', 'sdxl-refiner', UNET],
    ['VAE-v1-SD.txt', 'sd1', VAE],
    ['CLIP-v1-SD.txt', 'sd1', CLIP_1],
    ['CLIP-v2-SD.txt', 'sd2', CLIP_2],
    ['CLIP-XL-SD.txt', 'sdxl', CLIP_XL_2],
    ['LoRA-v1A-UNET.txt', 'lora-sd1', 'lora_unet_'],
    ['LoRA-v1A-CLIP.txt', 'lora-sd1', 'lora_te_'],
  ])('%s is %s under %s', (file, kind, prefix) => {
    const lora = kind.startsWith('lora');
    const listed = readFileSync(join(LISTS, file), 'utf8').trim().split('\n');
    const made = under(kind, prefix).map(({ name, shape }) => {
      const sides = shape.map((side) => (lora && side === 16 ? -1 : side));
      return `${lora ? prefix : ''}${name} [${sides.join(',')}]`;
    });

    expect(made.sort()).toEqual(listed.sort());
  });
});
