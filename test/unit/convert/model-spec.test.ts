import { expect, it } from 'vitest';
import { type Identified, modelSpecOf } from '#scanner/convert/model-spec.ts';

const identity = (fields: Partial<Identified>): Identified => ({
  type: 'checkpoint',
  base: 'sd1',
  variant: null,
  prediction: 'unknown',
  confidence: 'certain',
  ...fields,
});

it.each<[Partial<Identified>, Record<string, string>]>([
  [{}, { 'modelspec.architecture': 'stable-diffusion-v1' }],
  [
    { base: 'sd2', prediction: 'v' },
    { 'modelspec.architecture': 'stable-diffusion-v2-768-v', 'modelspec.prediction_type': 'v' },
  ],
  [{ base: 'sd2' }, {}],
  [{ base: 'sdxl', type: 'lora' }, { 'modelspec.architecture': 'stable-diffusion-xl-v1-base/lora' }],
  [{ base: 'flux1' }, {}],
  [{ type: 'controlnet' }, {}],
  [{ variant: 'inpaint' }, {}],
  [{ confidence: 'medium' }, {}],
])('%j', (fields, entries) => {
  expect(modelSpecOf(identity(fields))).toEqual(entries);
});
