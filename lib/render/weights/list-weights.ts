import type { Weight } from './weight-file.ts';

/** All weights that a network's description holds, however deep. */
export function listWeights(network: unknown): Weight[] {
  if (network === null || typeof network !== 'object') return [];
  if (isWeight(network)) return [network];
  if (Array.isArray(network)) return network.flatMap(listWeights);
  return Object.entries(network).flatMap(([key, value]) => (key === 'file' ? [] : listWeights(value)));
}

function isWeight(value: object): value is Weight {
  return 'dtype' in value && 'offset' in value && 'shape' in value;
}
