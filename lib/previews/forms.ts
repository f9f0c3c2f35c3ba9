import { z } from 'zod';
import type { Sampler } from '../render/index.ts';

/** Written out once more, because the engine's face may not run in a browser. */
const SAMPLERS = [
  'Euler',
  'Euler a',
  'DPM++ 2M',
  'DPM++ 2M Karras',
  'DDIM',
  'LCM',
] as const satisfies readonly Sampler[];

const side = z.int().min(64).max(2048).multipleOf(8, 'Enter a multiple of 8 pixels.');
const steps = z.int().min(1).max(150);
const seed = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const seeds = z.array(seed).min(1).max(8);
const loraWeights = z.array(z.number().min(-2).max(3)).min(1).max(11);
const prompt = z.string().trim().max(2000);

/** What a person may change of a profile. */
export const PROFILE_FORM = z.strictObject({
  width: side,
  height: side,
  steps,
  sampler: z.enum(SAMPLERS),
  /** 1 leaves the negative prompt out. */
  cfgScale: z.number().min(1).max(30),
  /** 1 takes the last layer of the text encoder, 2 the one before. */
  clipSkip: z.int().min(1).max(12),
  /** What a checkpoint renders. Adapters take the first. */
  prompts: z
    .array(z.object({ subject: z.string().trim().min(1).max(40), text: prompt.min(1) }))
    .min(1)
    .max(6),
  negativePrompt: prompt,
  /** Of a checkpoint: for each prompt. */
  seeds,
  /** Of an adapter. */
  adapterSeeds: seeds,
  /** Of a sweep, in its order. */
  loraWeights,
  /** In place of the above on machines without a GPU. */
  cpu: z.strictObject({ width: side, height: side, steps, seeds, adapterSeeds: seeds }),
});
export type ProfileForm = z.infer<typeof PROFILE_FORM>;

export const RENDER_FORM = z.strictObject({
  /** Goes into the audit log. */
  reason: z.string().trim().max(500).default(''),
});

export const COVER_FORM = z.strictObject({
  /** Null gives the choice back: the first tile is the cover. */
  pictureId: z.int().positive().nullable(),
});

export const PICTURE_PATCH = z.strictObject({ nsfw: z.boolean() });

export const RENDERERS = ['engine', 'comfyui'] as const;
export type RendererName = (typeof RENDERERS)[number];

export const SETTINGS_PATCH = z.strictObject({
  /** The reference checkpoint of a base version; null takes the most used one. */
  reference: z.strictObject({ base: z.string().min(1).max(40), modelId: z.int().positive().nullable() }).optional(),
  renderer: z.strictObject({ base: z.string().min(1).max(40), name: z.enum(RENDERERS) }).optional(),
  comfyUrl: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .nullable()
    .optional(),
});
export type SettingsPatch = z.infer<typeof SETTINGS_PATCH>;
