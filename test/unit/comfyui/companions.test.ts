import { describe, expect, it } from 'vitest';
import { findCompanion } from '#lib/comfyui/companions.ts';
import { COMPANIONS } from '#lib/comfyui/types.ts';

/** As people have them, in the order of a listing. */
const ENCODERS = [
  'gemma_2_2b_fp16.safetensors',
  'qwen3vl_4b_fp8_scaled.safetensors',
  'qwen_3_06b_base.safetensors',
  'clip_g.safetensors',
  'clip_l.safetensors',
  'open_clip_vit_h.safetensors',
  'qwen_2.5_vl_7b_fp8_scaled.safetensors',
  'qwen_3_4b.safetensors',
  'sd3\\t5xxl_fp8_e4m3fn.safetensors',
  't5xxl_fp16.safetensors',
  'umt5_xxl_fp8_e4m3fn_scaled.safetensors',
];
const VAES = [
  'FLUX1\\ae.safetensors',
  'qwen_image_vae.safetensors',
  'sd3_vae.safetensors',
  'sdxl_vae.safetensors',
  'vae-ft-mse-840000-ema-pruned.safetensors',
  'wan_2.1_vae.safetensors',
];

describe('a file beside the model', () => {
  it.each([
    ['clip-l', 'clip_l.safetensors'],
    ['clip-g', 'clip_g.safetensors'],
    ['clip-h', 'open_clip_vit_h.safetensors'],
    ['t5-xxl', 't5xxl_fp16.safetensors'],
    ['qwen-2.5-vl-7b', 'qwen_2.5_vl_7b_fp8_scaled.safetensors'],
    ['qwen-3-4b', 'qwen_3_4b.safetensors'],
    ['qwen-3-vl-4b', 'qwen3vl_4b_fp8_scaled.safetensors'],
    ['qwen-3-0.6b', 'qwen_3_06b_base.safetensors'],
    ['gemma-2-2b', 'gemma_2_2b_fp16.safetensors'],
    ['flux-vae', 'FLUX1\\ae.safetensors'],
    ['sd3-vae', 'sd3_vae.safetensors'],
    ['sdxl-vae', 'sdxl_vae.safetensors'],
    ['sd-vae', 'vae-ft-mse-840000-ema-pruned.safetensors'],
    ['qwen-image-vae', 'qwen_image_vae.safetensors'],
  ] as const)('%s is found by its usual name', (which, name) => {
    expect(findCompanion(which, which.endsWith('vae') ? VAES : ENCODERS)).toBe(name);
  });

  it.each(COMPANIONS)('%s is not taken for another where it is absent', (which) => {
    const others: Record<string, RegExp> = {
      'clip-l': /clip_l/,
      'clip-g': /clip_g/,
      'clip-h': /vit_h/,
      't5-xxl': /\bt5xxl/,
      'qwen-2.5-vl-7b': /2\.5/,
      'qwen-3-4b': /3_4b/,
      'qwen-3-vl-4b': /3vl/,
      'qwen-3-0.6b': /06b/,
      'gemma-2-2b': /gemma/,
      'sd-vae': /mse/,
      'sdxl-vae': /sdxl/,
      'sd3-vae': /sd3_/,
      'flux-vae': /ae\.safetensors$/,
      'qwen-image-vae': /qwen_image/,
    };
    const rest = [...ENCODERS, ...VAES].filter(
      (name) => !(which === 'flux-vae' ? /\\ae\./ : others[which]!).test(name),
    );
    expect(findCompanion(which, rest)).toBeNull();
  });

  it('with a smaller type is taken where the better one is not there', () => {
    expect(
      findCompanion(
        't5-xxl',
        ENCODERS.filter((name) => !name.includes('fp16')),
      ),
    ).toBe('sd3\\t5xxl_fp8_e4m3fn.safetensors');
  });

  it('is the one in the settings, in whatever separators', () => {
    expect(
      findCompanion('clip-l', ['mine\\long_clip.safetensors', ...ENCODERS], { 'clip-l': 'mine/long_clip.safetensors' }),
    ).toBe('mine\\long_clip.safetensors');
    expect(() => findCompanion('clip-l', ENCODERS, { 'clip-l': 'gone.safetensors' })).toThrow(
      'The settings name gone.safetensors',
    );
  });

  it('is never a file that somebody uploaded to Weighhouse', () => {
    expect(
      findCompanion('flux-vae', [
        'weighhouse/ae.safetensors',
        'weighhouse\\0123456789-ae.safetensors',
        '0123456789-flux-ae.safetensors',
      ]),
    ).toBeNull();
  });
});
