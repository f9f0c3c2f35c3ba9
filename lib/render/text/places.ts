import type { EncoderKind } from './types.ts';

/** How the names of a text encoder go on behind its prefix. */
export type EncoderForm = 'transformers' | 'open-clip';

export interface EncoderPlace {
  /** Before all names of the encoder. */
  prefix: string;
  form: EncoderForm;
}

/** Where programs keep each encoder, the original checkpoint first, then diffusers, and last a file of its own. */
const PREFIXES: Readonly<Record<EncoderKind, readonly EncoderPlace[]>> = {
  'clip-l': [
    { prefix: 'cond_stage_model.transformer.', form: 'transformers' },
    { prefix: 'conditioner.embedders.0.transformer.', form: 'transformers' },
    { prefix: 'text_encoder.', form: 'transformers' },
    { prefix: 'text_encoders.clip_l.transformer.', form: 'transformers' },
    { prefix: '', form: 'transformers' },
  ],
  'openclip-h': [
    { prefix: 'cond_stage_model.model.', form: 'open-clip' },
    { prefix: 'cond_stage_model.transformer.', form: 'transformers' },
    { prefix: 'text_encoder.', form: 'transformers' },
    { prefix: '', form: 'transformers' },
    { prefix: '', form: 'open-clip' },
  ],
  'openclip-g': [
    { prefix: 'conditioner.embedders.1.model.', form: 'open-clip' },
    { prefix: 'text_encoder_2.', form: 'transformers' },
    { prefix: 'text_encoders.clip_g.transformer.', form: 'transformers' },
    { prefix: '', form: 'transformers' },
    { prefix: '', form: 'open-clip' },
  ],
};

/** Places to look for an encoder, the likeliest first. */
export function placesOf(kind: EncoderKind): readonly EncoderPlace[] {
  return PREFIXES[kind];
}
