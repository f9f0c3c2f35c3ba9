import type { ProfileForm } from '#lib/previews/forms.ts';
import type { PlanContext } from '#lib/previews/plan/plan-preview.ts';
import type { PreviewHost, PreviewSubject } from '#lib/previews/plan/preview-plan.ts';

export const PROFILE: ProfileForm = {
  width: 512,
  height: 768,
  steps: 25,
  sampler: 'DPM++ 2M Karras',
  cfgScale: 7,
  clipSkip: 2,
  prompts: [
    { subject: 'Portrait', text: 'a person' },
    { subject: 'Scene', text: 'a place' },
  ],
  negativePrompt: 'ugly',
  seeds: [1, 2, 3],
  adapterSeeds: [1, 2],
  loraWeights: [0, 0.5, 1],
  cpu: { width: 256, height: 256, steps: 20, seeds: [1], adapterSeeds: [1] },
};

export const REFERENCE: PreviewHost = { sha256: 'reference', name: 'base', prediction: 'epsilon' };

export function makeSubject(given: Partial<PreviewSubject>): PreviewSubject {
  return {
    name: 'a-file',
    type: 'checkpoint',
    base: 'sd1',
    variant: null,
    family: null,
    algorithm: null,
    prediction: 'epsilon',
    absent: [],
    triggers: [],
    ...given,
  };
}

export function makeContext(given: Partial<PlanContext>): PlanContext {
  return {
    profile: PROFILE,
    renderer: 'engine',
    comfy: { isNamed: false, hasWorkflow: true },
    baseLabel: 'SD 1.x',
    own: { sha256: 'own', name: 'a-file', prediction: 'epsilon' },
    reference: REFERENCE,
    pairing: { warnings: [], refusal: null },
    ...given,
  };
}
