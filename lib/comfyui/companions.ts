import { RenderError } from '../render/index.ts';
import { isOurs } from './file-name.ts';
import type { Companion } from './types.ts';

/** The names under which the files are published and kept, best first. */
const USUAL_NAMES: Record<Companion, readonly RegExp[]> = {
  'clip-l': [/^clip_l\b/i, /clip[-_ ]?l(?![a-z])/i],
  'clip-g': [/^clip_g\b/i, /clip[-_ ]?g(?![a-z])/i],
  'clip-h': [/clip[-_ ]?(?:vit[-_ ]?)?h(?![a-z])/i],
  // UMT5 is another.
  't5-xxl': [/(?<!um)t5[-_]?(?:v1[-_.]1[-_])?xxl.*fp16/i, /(?<!um)t5[-_]?(?:v1[-_.]1[-_])?xxl/i],
  'qwen-2.5-vl-7b': [/qwen[-_]?2\.?5[-_]?vl[-_]?7b/i],
  'qwen-3-4b': [/qwen[-_]?3[-_]?4b/i],
  'qwen-3-vl-4b': [/qwen[-_]?3[-_]?vl[-_]?4b/i],
  'qwen-3-0.6b': [/qwen[-_]?3[-_]?0?\.?6b/i],
  'gemma-2-2b': [/gemma[-_]?2[-_]?2b/i],
  'sd-vae': [/vae-ft-mse/i, /vae-ft-ema/i, /^sd(?:1|15|_?v1)?[-_ ]?vae/i],
  'sdxl-vae': [/sdxl.*vae.*fp16.*fix/i, /sdxl.*vae/i],
  'sd3-vae': [/sd3.*vae/i],
  'flux-vae': [/^ae\./i, /flux.*(?:vae|ae)\b/i],
  'qwen-image-vae': [/qwen[-_]?image.*vae/i],
};

const TITLES: Record<Companion, string> = {
  'clip-l': 'the text encoder CLIP-L (clip_l.safetensors)',
  'clip-g': 'the text encoder CLIP-G (clip_g.safetensors)',
  'clip-h': 'the text encoder OpenCLIP-H',
  't5-xxl': 'the text encoder T5-XXL (t5xxl_fp16.safetensors)',
  'qwen-2.5-vl-7b': 'the text encoder Qwen 2.5 VL 7B (qwen_2.5_vl_7b.safetensors)',
  'qwen-3-4b': 'the text encoder Qwen 3 4B (qwen_3_4b.safetensors)',
  'qwen-3-vl-4b': 'the text encoder Qwen 3 VL 4B (qwen3vl_4b_fp8_scaled.safetensors)',
  'qwen-3-0.6b': 'the text encoder Qwen 3 0.6B (qwen_3_06b_base.safetensors)',
  'gemma-2-2b': 'the text encoder Gemma 2 2B (gemma_2_2b_fp16.safetensors)',
  'sd-vae': 'a Stable Diffusion VAE (vae-ft-mse-840000-ema-pruned.safetensors)',
  'sdxl-vae': 'an SDXL VAE (sdxl_vae.safetensors)',
  'sd3-vae': 'the Stable Diffusion 3 VAE',
  'flux-vae': 'the FLUX VAE (ae.safetensors)',
  'qwen-image-vae': 'the Qwen-Image VAE (qwen_image_vae.safetensors)',
};

/** In words, for messages. */
export function titleOf(companion: Companion): string {
  return TITLES[companion];
}

/**
 * The name of a shared file among those that the server lists: the one in the settings, else the first with a usual
 * name. Null where there is none. Throws RenderError `load_mismatch` where the one in the settings is not listed.
 */
export function findCompanion(
  companion: Companion,
  listed: readonly string[],
  settings: Partial<Record<Companion, string>> = {},
): string | null {
  const wanted = settings[companion];
  if (wanted !== undefined) {
    const same = listed.find((name) => withForwardSlashes(name) === withForwardSlashes(wanted));
    if (same !== undefined) return same;
    throw new RenderError(
      'load_mismatch',
      `The settings name ${wanted} as ${TITLES[companion]}, but ComfyUI does not list this file.`,
    );
  }
  // What Weighhouse put there is somebody's upload, and its name anybody's choice.
  const candidates = listed.filter((name) => !isOurs(name));
  for (const usual of USUAL_NAMES[companion]) {
    const found = candidates.find((name) => usual.test(withForwardSlashes(name).split('/').at(-1) ?? ''));
    if (found !== undefined) return found;
  }
  return null;
}

function withForwardSlashes(name: string): string {
  return name.replaceAll('\\', '/');
}
