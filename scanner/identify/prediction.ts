import { baseRecord } from '../bases/index.ts';
import type { TensorTable } from '../tensors/index.ts';
import type { Backbone } from './backbone.ts';
import type { KeyIndex } from './key-index.ts';
import { readStatedPrediction } from './metadata.ts';
import type { Evidence, IdentifyHints, Prediction } from './types.ts';

export interface PredictionMatch {
  value: Prediction;
  evidence: Evidence[];
  /** What does not fit it. */
  problem?: string;
}

/** Above this the SD 2.x network was trained on v (ComfyUI `supported_models.py`, class SD20). */
const SD2_V_DEVIATION = 0.09;
/** Training steps of the published SD 2.x checkpoints. */
const SD2_EPSILON_STEPS = new Set([875_000, 220_000]);
const SD2_V_STEPS = new Set([110_000]);

/**
 * What the network predicts. Stated metadata first, then marks in the weights, then a configuration next to the file,
 * then the rule of the base.
 */
export function findPrediction(
  backbone: Backbone,
  keys: KeyIndex,
  table: TensorTable,
  hints: IdentifyHints,
): PredictionMatch {
  const stated = readStatedPrediction(table.metadata);
  if (stated !== undefined) {
    return { value: stated.value, evidence: [{ field: 'prediction', source: 'metadata', detail: stated.detail }] };
  }
  if (hints.scheduler !== undefined) {
    const { value, detail } = hints.scheduler;
    return { value, evidence: [{ field: 'prediction', source: 'metadata', detail }] };
  }
  const byWeights = (value: Prediction, detail: string): PredictionMatch => ({
    value,
    evidence: [{ field: 'prediction', source: 'weights', detail }],
  });

  const mark = ['edm_vpred.sigma_max', 'edm_mean', 'v_pred'].find((name) => keys.has(name));
  if (mark !== undefined) return byWeights(mark === 'v_pred' ? 'v' : 'edm', keys.describeTensor(mark));
  if (backbone.prediction !== undefined) {
    return byWeights(backbone.prediction, `all ${backbone.base} models of this type`);
  }
  const measured = backbone.base === 'sd2' ? findSd2Prediction(backbone, table, hints, byWeights) : null;
  const noted = hints.sidecars?.prediction;
  if (measured !== null && measured.value !== 'unknown') {
    return noted === undefined || noted.value === measured.value
      ? measured
      : {
          ...measured,
          problem: `A companion file says ${noted.value} (${noted.detail}), but the model is ${measured.value}.`,
        };
  }
  if (noted !== undefined && (baseRecord(backbone.base)?.predictions.length ?? 0) > 1) {
    return { value: noted.value, evidence: [{ field: 'prediction', source: 'sidecar', detail: noted.detail }] };
  }
  if (measured !== null) return measured;
  if (backbone.base === 'sd1' || backbone.base === 'sdxl') {
    return byWeights('epsilon', 'none of the keys v_pred, edm_vpred.sigma_max and edm_mean');
  }
  return { value: 'unknown', evidence: [] };
}

function findSd2Prediction(
  { sd2Probe }: Backbone,
  table: TensorTable,
  { readTensor }: IdentifyHints,
  byWeights: (value: Prediction, detail: string) => PredictionMatch,
): PredictionMatch {
  const values = sd2Probe === undefined ? null : (readTensor?.(sd2Probe) ?? null);
  if (values !== null && values.length > 1) {
    const deviation = standardDeviation(values);
    const detail = `standard deviation ${deviation.toPrecision(3)} of ${sd2Probe}`;
    return byWeights(deviation > SD2_V_DEVIATION ? 'v' : 'epsilon', detail);
  }
  const step = table.pickle?.scalars.get('global_step');
  if (typeof step === 'number' && SD2_EPSILON_STEPS.has(step)) return byWeights('epsilon', `global_step ${step}`);
  if (typeof step === 'number' && SD2_V_STEPS.has(step)) return byWeights('v', `global_step ${step}`);
  return { value: 'unknown', evidence: [] };
}

function standardDeviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (values.length - 1));
}
