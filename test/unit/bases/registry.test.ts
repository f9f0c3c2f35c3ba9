import { describe, expect, it } from 'vitest';
import {
  BASE_IDS,
  BASES,
  baseOfArchitecture,
  baseOfCivitai,
  baseOfFileName,
  baseOfRepository,
  fineTuneOfName,
} from '#scanner/bases/index.ts';

it('gives every base model a label and names of its own', () => {
  const labels = BASE_IDS.map((id) => BASES[id].label);
  expect(new Set(labels).size).toBe(labels.length);
  for (const part of ['trainers', 'civitai'] as const) {
    const names = BASE_IDS.flatMap((id) => BASES[id].names[part].map((name) => name.toLowerCase()));
    expect(new Set(names).size).toBe(names.length);
  }
});

it.each(BASE_IDS)('tells %s by each of its names', (id) => {
  for (const name of BASES[id].names.trainers) expect([name, baseOfArchitecture(name)]).toEqual([name, id]);
  for (const name of BASES[id].names.civitai) expect([name, baseOfCivitai(name)]).toEqual([name, id]);
});

it.each(BASE_IDS)('says what a preview of %s takes, and where its VAE is from', (id) => {
  const { vae, size, makes, predictions } = BASES[id];
  expect(predictions.length).toBeGreaterThan(0);
  expect(size === null).toBe(makes === 'audio' || makes === 'solid');
  if (vae !== null && vae !== 'self') expect(BASES[vae].vae).toBe('self');
});

describe('names of trainers', () => {
  it.each([
    ['stable-diffusion-xl-v1-base', 'sdxl'],
    ['stable-diffusion-xl-v1-refiner', 'sdxl-refiner'],
    ['sdxl_base_v1-0', 'sdxl'],
    ['sd_v2_768_v', 'sd2'],
    ['sd_1.5', 'sd1'],
    ['stable-diffusion-v3.5-large', 'sd3.5'],
    ['stable-diffusion-3-5-medium/lora', 'sd3.5'],
    ['stable-diffusion-3-medium', 'sd3'],
    ['flux-1-dev/lora', 'flux1'],
    ['Flux.2-dev', 'flux2'],
    ['flux_kontext', 'flux1'],
    ['wan2.1', 'wan'],
    ['WanVideo', 'wan'],
    ['ltx2.3', 'ltx-2'],
    ['ltx-video', 'ltx-video'],
    ['auraflow-v1', 'auraflow'],
    ['qwen_image_edit', 'qwen-image'],
    ['hunyuan_video', 'hunyuan-video'],
    ['animagine-xl', undefined],
    ['qwen2_5_vl', undefined],
    ['stable-diffusion', undefined],
  ])('%s', (name, base) => {
    expect(baseOfArchitecture(name)).toBe(base);
  });
});

it.each([
  ['SD 1.5 LCM', 'sd1'],
  ['SDXL 1.0', 'sdxl'],
  ['Pony V7', 'auraflow'],
  ['Pony', 'sdxl'],
  ['SD 3.5 Large Turbo', 'sd3.5'],
  ['Flux.2 Klein 9B-base', 'flux2'],
  ['Wan Video 2.2 TI2V-5B', 'wan'],
  ['ZImageTurbo', 'z-image'],
  ['LTXV 2.3', 'ltx-2'],
  ['Other', undefined],
])('Civitai calls it %s', (name, base) => {
  expect(baseOfCivitai(name)).toBe(base);
});

it.each([
  ['black-forest-labs/FLUX.1-dev', 'flux1'],
  ['stabilityai/stable-diffusion-xl-base-1.0', 'sdxl'],
  ['stabilityai/stable-diffusion-2-1', 'sd2'],
  ['Wan-AI/Wan2.2-TI2V-5B-Diffusers', 'wan'],
  ['wan-people/some-model', undefined],
])('a model card names the repository %s', (name, base) => {
  expect(baseOfRepository(name)).toBe(base);
});

it.each([
  ['sd_xl_base_1.0_0.9vae.safetensors', 'sdxl'],
  ['flux2-vae.safetensors', 'flux2'],
  ['sd3.5_large.safetensors', 'sd3.5'],
])('a file is called %s', (name, base) => {
  expect(baseOfFileName(name)).toBe(base);
});

it.each([
  ['ponyDiffusionV6XL', 'pony'],
  ['fantasyIllustration', undefined],
])('%s is of the line %s', (name, line) => {
  expect(fineTuneOfName(name)).toBe(line);
});
