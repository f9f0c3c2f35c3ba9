/** The JSON columns of `preview`, `preview_profile` and `picture`. */
import { z } from 'zod';
import { jsonColumn } from '../db/index.ts';
import { PROVIDERS } from '../render/index.ts';
import { PROFILE_FORM, RENDERERS } from './forms.ts';

const texts = z.array(z.string());

const profile = z.object({ ...PROFILE_FORM.shape, cpu: z.object(PROFILE_FORM.shape.cpu.shape) });

/** A profile. What the form takes, whatever a newer program has added to it. */
export const PROFILE = jsonColumn('preview_profile.data', profile);

const subject = z.object({
  name: z.string(),
  type: z.string(),
  base: z.string(),
  variant: z.string().nullable(),
  family: z.string().nullable(),
  algorithm: z.string().nullable(),
  prediction: z.string(),
  absent: texts,
  precision: texts.exactOptional(),
  triggers: z.array(z.object({ text: z.string(), isStated: z.boolean() })),
});

const plan = z.object({
  subject,
  profile,
  machine: z.enum(['gpu', 'cpu']),
  renderer: z.enum(RENDERERS),
  host: z.object({ sha256: z.string(), name: z.string(), prediction: z.string() }),
  warnings: texts,
});

/** What is to be rendered, or of what waits for its base or cannot be rendered the subject alone. */
export const PLAN = jsonColumn('preview.plan', z.union([plan, z.object({ subject, host: z.never().exactOptional() })]));

/** The plan of a preview that has tiles; null for one that has none yet, or that cannot be read. */
export function readPlan(value: unknown): z.output<typeof plan> | null {
  const read = PLAN.tryRead(value);
  return read?.host === undefined ? null : read;
}

/** How the pictures were rendered. */
export const EVIDENCE = jsonColumn(
  'preview.report',
  z.object({
    engine: z.string(),
    provider: z.enum(PROVIDERS),
    device: z.string(),
    precision: z.enum(['fp16', 'fp32']),
    loadSeconds: z.number(),
    secondsPerStep: z.number(),
    peakMemory: z.number(),
    rejected: z.array(z.object({ provider: z.enum(PROVIDERS), reason: z.string() })),
    notes: texts,
  }),
);

/** What was written into a picture, taken apart. */
export const PARAMETERS = jsonColumn(
  'picture.parameters',
  z.object({
    prompt: z.string().nullable(),
    negativePrompt: z.string().nullable(),
    fields: z.array(z.object({ label: z.string(), value: z.string() })),
  }),
);
