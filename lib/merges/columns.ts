/** The JSON columns of `merge`. */
import { z } from 'zod';
import { jsonColumn } from '../db/index.ts';

/** What is kept of a request. */
export const REQUEST = jsonColumn(
  'merge.request',
  z.object({
    dtype: z.enum(['keep', 'f32', 'f16', 'bf16']),
    weight: z.number().nullable(),
    blocks: z.array(z.number()).nullable(),
    /** The models, as they were when the merge was asked for. */
    parts: z.array(
      z.object({
        role: z.enum(['a', 'b', 'c', 'vae', 'lora']),
        modelId: z.number(),
        name: z.string(),
        sha256: z.string(),
        weight: z.number().exactOptional(),
        textWeight: z.number().exactOptional(),
      }),
    ),
  }),
);

/** What the merge said of itself. */
export const REPORT = jsonColumn(
  'merge.report',
  z.object({
    tensors: z.number(),
    bytes: z.number(),
    sha256: z.string(),
    merged: z.number(),
    unmerged: z.array(z.object({ name: z.string(), reason: z.string() })),
    unplaced: z.array(z.object({ model: z.string(), module: z.string() })),
    ignored: z.array(z.object({ model: z.string(), name: z.string() })),
    leftOut: z.array(z.string()),
    saturated: z.number(),
    warnings: z.array(z.string()),
  }),
);
