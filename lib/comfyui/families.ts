import { type BaseId, baseRecord } from '#scanner/bases/index.ts';
import type { Companion } from './types.ts';

/** How ComfyUI renders with the networks of one base: what differs between their workflows. */
export interface Family {
  /** In words, for messages. */
  title: string;
  /** Node of the empty picture; the number of its channels is the VAE's. */
  latent: 'EmptyLatentImage' | 'EmptySD3LatentImage';
  /** Loader of text encoders that are files of their own, with its `type`; null where the loader has none. */
  encoders: {
    loader: 'CLIPLoader' | 'DualCLIPLoader' | 'TripleCLIPLoader';
    type: string | null;
    files: readonly Companion[];
  };
  vae: Companion;
  /** Scheduler of flow-matching networks; null for the schedules of Stable Diffusion 1 to XL. */
  flowScheduler: string | null;
  /** Node that shifts the steps of a flow, and by how much its makers do. */
  shift?: { node: 'ModelSamplingSD3' | 'ModelSamplingAuraFlow'; value: number };
  /** `embedded`: the network takes the guidance as an input, and the negative prompt has no effect. */
  guidance: 'cfg' | 'embedded';
  /** Layer from the end that ComfyUI takes by itself; null where skipping layers means nothing. */
  textLayer: 1 | 2 | null;
}

const DIFFUSION = {
  latent: 'EmptyLatentImage',
  flowScheduler: null,
  guidance: 'cfg',
} as const;

const FLOW = {
  latent: 'EmptySD3LatentImage',
  textLayer: null,
} as const;

/** What is known of a base here; its name stands in its record. */
type FamilyRow = Omit<Family, 'title'>;

const SD3: FamilyRow = {
  ...FLOW,
  encoders: { loader: 'TripleCLIPLoader', type: null, files: ['clip-l', 'clip-g', 't5-xxl'] },
  vae: 'sd3-vae',
  flowScheduler: 'sgm_uniform',
  shift: { node: 'ModelSamplingSD3', value: 3 },
  guidance: 'cfg',
};

/**
 * By base, as identification names it. Nodes and values are those of ComfyUI's own templates (comfyui-workflow-templates
 * 0.11, 2026-10).
 */
const FAMILIES: ReadonlyMap<string, FamilyRow> = new Map<BaseId, FamilyRow>([
  [
    'sd1',
    {
      ...DIFFUSION,
      encoders: { loader: 'CLIPLoader', type: 'stable_diffusion', files: ['clip-l'] },
      vae: 'sd-vae',
      textLayer: 1,
    },
  ],
  [
    'sd2',
    {
      ...DIFFUSION,
      encoders: { loader: 'CLIPLoader', type: 'stable_diffusion', files: ['clip-h'] },
      vae: 'sd-vae',
      textLayer: 2,
    },
  ],
  [
    'sdxl',
    {
      ...DIFFUSION,
      encoders: { loader: 'DualCLIPLoader', type: 'sdxl', files: ['clip-l', 'clip-g'] },
      vae: 'sdxl-vae',
      textLayer: 2,
    },
  ],
  ['sd3', SD3],
  ['sd3.5', SD3],
  [
    'flux1',
    {
      ...FLOW,
      encoders: { loader: 'DualCLIPLoader', type: 'flux', files: ['clip-l', 't5-xxl'] },
      vae: 'flux-vae',
      flowScheduler: 'simple',
      guidance: 'embedded',
    },
  ],
  [
    'chroma',
    {
      ...FLOW,
      encoders: { loader: 'CLIPLoader', type: 'chroma', files: ['t5-xxl'] },
      vae: 'flux-vae',
      flowScheduler: 'beta',
      shift: { node: 'ModelSamplingAuraFlow', value: 1 },
      guidance: 'cfg',
    },
  ],
  [
    'qwen-image',
    {
      ...FLOW,
      encoders: { loader: 'CLIPLoader', type: 'qwen_image', files: ['qwen-2.5-vl-7b'] },
      vae: 'qwen-image-vae',
      flowScheduler: 'simple',
      shift: { node: 'ModelSamplingAuraFlow', value: 3.1 },
      guidance: 'cfg',
    },
  ],
  [
    'z-image',
    {
      ...FLOW,
      encoders: { loader: 'CLIPLoader', type: 'lumina2', files: ['qwen-3-4b'] },
      vae: 'flux-vae',
      flowScheduler: 'simple',
      shift: { node: 'ModelSamplingAuraFlow', value: 3 },
      guidance: 'cfg',
    },
  ],
  [
    'lumina2',
    {
      ...FLOW,
      encoders: { loader: 'CLIPLoader', type: 'lumina2', files: ['gemma-2-2b'] },
      vae: 'flux-vae',
      flowScheduler: 'simple',
      shift: { node: 'ModelSamplingAuraFlow', value: 4 },
      guidance: 'cfg',
    },
  ],
  [
    'krea2',
    {
      ...FLOW,
      latent: 'EmptyLatentImage',
      encoders: { loader: 'CLIPLoader', type: 'krea2', files: ['qwen-3-vl-4b'] },
      vae: 'qwen-image-vae',
      flowScheduler: 'simple',
      guidance: 'cfg',
    },
  ],
  [
    'anima',
    {
      ...FLOW,
      latent: 'EmptyLatentImage',
      encoders: { loader: 'CLIPLoader', type: 'stable_diffusion', files: ['qwen-3-0.6b'] },
      vae: 'qwen-image-vae',
      flowScheduler: 'simple',
      guidance: 'cfg',
    },
  ],
]);

/** Bases that ComfyUI can be asked to render. */
export const COMFY_BASES: readonly string[] = [...FAMILIES.keys()];

/** How a base is rendered; null where Weighhouse has no workflow for it. */
export function familyOf(base: string): Family | null {
  const row = FAMILIES.get(base);
  return row === undefined ? null : { ...row, title: baseRecord(base)?.label ?? base };
}
