import { baseRecord } from '../bases/index.ts';
import type { Identity } from './types.ts';

/** What is known of a file when only its identity is at hand. */
export type PairedIdentity = Pick<Identity, 'variant' | 'family' | 'prediction'> & { base: string };

export interface Pairing {
  /** `partial` where the checkpoint lacks some of the layers, which programs skip. */
  fit: 'compatible' | 'partial' | 'incompatible' | 'unknown';
  /** In plain sentences: what will disappoint, although it loads, or why it does not load. */
  warnings: string[];
}

/** Networks by size, as variants name them. */
const SIZE = /^(?:1\.3b|5b|14b|dev|klein-9b|klein-4b|large|medium|2b|13b)$/;

/**
 * Whether an adapter goes with a checkpoint by what both are: base, variant, fine-tune family and prediction. Where both
 * headers are at hand, `matchModules` says more.
 */
export function judgePairing(adapter: PairedIdentity, host: PairedIdentity): Pairing {
  if (adapter.base === 'unknown' || host.base === 'unknown') return { fit: 'unknown', warnings: [] };
  const row = baseRecord(adapter.base)?.hosts?.find(
    (one) =>
      one.base === host.base &&
      (one.variant === undefined || (one.variant === host.variant && adapter.variant !== one.variant)),
  );
  if (row?.fit === 'incompatible') return { fit: 'incompatible', warnings: [row.warning] };
  if (row === undefined && adapter.base !== host.base) {
    return { fit: 'incompatible', warnings: [`The adapter is for ${adapter.base}, the checkpoint is ${host.base}.`] };
  }
  const differs =
    baseRecord(host.base)?.network.sized === true &&
    adapter.variant !== host.variant &&
    SIZE.test(adapter.variant ?? '') &&
    SIZE.test(host.variant ?? '');
  if (row === undefined && differs) {
    const warning = `The adapter is for ${host.base} ${adapter.variant}, the checkpoint is ${host.variant}.`;
    return { fit: 'incompatible', warnings: [warning] };
  }

  const warnings = row === undefined ? [] : [row.warning];
  if (adapter.family !== null && host.family !== null && adapter.family !== host.family) {
    warnings.push(
      `The adapter was trained on ${adapter.family}, the checkpoint is ${host.family}: it loads, but image quality may be lower.`,
    );
  }
  if (adapter.prediction !== 'unknown' && host.prediction !== 'unknown' && adapter.prediction !== host.prediction) {
    warnings.push(
      `The adapter was trained with ${adapter.prediction} prediction, the checkpoint uses ${host.prediction}: colors or contrast may be wrong.`,
    );
  }
  return { fit: row?.fit ?? 'compatible', warnings };
}
