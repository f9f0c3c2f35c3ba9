import type { ModelType } from '../bases/index.ts';
import type { Identity } from './types.ts';

/** An identification with what is known, and nothing said of the rest. */
export function createIdentity(known: Partial<Identity> & { type: ModelType }): Identity {
  return {
    base: 'unknown',
    variant: null,
    family: null,
    prediction: 'unknown',
    merge: false,
    components: [],
    absent: [],
    parameters: 0,
    precision: [],
    missingTensors: { count: 0, names: [] },
    surplusTensors: { count: 0, names: [] },
    confidence: 'low',
    problems: [],
    ...known,
    evidence: [...(known.evidence ?? [])],
  };
}

/** A checkpoint, or the diffusion model of one alone. */
export const isWholeModel = ({ type }: Identity) => type === 'checkpoint' || type === 'diffusion-model';
