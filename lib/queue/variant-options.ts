import { z } from 'zod';

/** How a file is converted again, for a further file of its model. Nothing said changes nothing. */
export const VARIANT_OPTIONS = z.strictObject({
  /** Type that floating-point numbers become. */
  dtype: z.enum(['F32', 'F16', 'BF16', 'F8_E4M3']).optional(),
  /** Averaged weights of the training: left out, or written instead of the plain ones. */
  ema: z.enum(['drop', 'use']).optional(),
  /** One part of a checkpoint alone. */
  only: z.enum(['unet', 'vae', 'te']).optional(),
  stripTraining: z.boolean().optional(),
  /** Leaves out tensors that cannot be written, where otherwise nothing is. */
  skipUnsupported: z.boolean().optional(),
});

export type VariantOptions = z.infer<typeof VARIANT_OPTIONS>;
