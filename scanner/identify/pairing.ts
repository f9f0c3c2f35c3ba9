import type { Identity } from './types.ts';

/** What is known of a file when only its identity is at hand. */
export type PairedIdentity = Pick<Identity, 'base' | 'variant' | 'family' | 'prediction'>;

export interface Pairing {
  /** `partial` where the checkpoint lacks some of the layers, which programs skip. */
  fit: 'compatible' | 'partial' | 'incompatible' | 'unknown';
  /** In plain sentences: what will disappoint, although it loads, or why it does not load. */
  warnings: string[];
}

interface PairRow {
  adapter: string;
  host: string;
  /** Any where left out. */
  hostVariant?: string;
  fit: Pairing['fit'];
  warning: string;
}

/** Pairs that load in part, or that people take for compatible. First the special ones. */
const ROWS: readonly PairRow[] = [
  ...['ssd-1b', 'segmind-vega', 'koala'].map(
    (hostVariant): PairRow => ({
      adapter: 'sdxl',
      host: 'sdxl',
      hostVariant,
      fit: 'partial',
      warning: 'The checkpoint is a smaller SDXL model: layers that it does not have are skipped.',
    }),
  ),
  {
    adapter: 'sdxl',
    host: 'kolors',
    fit: 'partial',
    warning: 'Kolors is an SDXL model with another text encoder: text encoder layers of the adapter are skipped.',
  },
  {
    adapter: 'sdxl',
    host: 'sdxl-refiner',
    fit: 'incompatible',
    warning: 'The refiner has a different architecture than SDXL: the adapter is not compatible.',
  },
  {
    adapter: 'flux1',
    host: 'chroma',
    fit: 'partial',
    warning: 'Chroma does not have the modulation layers of FLUX.1: only attention and feed-forward layers are used.',
  },
  {
    adapter: 'sd3',
    host: 'sd3.5',
    fit: 'incompatible',
    warning: 'SD 3 and SD 3.5 have different architectures: the adapter creates noise or does not load.',
  },
];

/** Bases whose variants are networks of different sizes. */
const SIZED_BASES: ReadonlySet<string> = new Set(['flux2', 'wan', 'sd3.5', 'ltx-video', 'hunyuan-video']);
/** Networks by size, as variants name them. */
const SIZE = /^(?:1\.3b|5b|14b|dev|klein-9b|klein-4b|large|medium|2b|13b)$/;

/**
 * Whether an adapter goes with a checkpoint by what both are: base, variant, fine-tune family and prediction. Where both
 * headers are at hand, `matchModules` says more.
 */
export function judgePairing(adapter: PairedIdentity, host: PairedIdentity): Pairing {
  if (adapter.base === 'unknown' || host.base === 'unknown') return { fit: 'unknown', warnings: [] };
  const row = ROWS.find(
    (one) =>
      one.adapter === adapter.base &&
      one.host === host.base &&
      (one.hostVariant === undefined || one.hostVariant === host.variant) &&
      (one.hostVariant === undefined || adapter.variant !== one.hostVariant),
  );
  if (row?.fit === 'incompatible') return { fit: 'incompatible', warnings: [row.warning] };
  if (row === undefined && adapter.base !== host.base) {
    return { fit: 'incompatible', warnings: [`The adapter is for ${adapter.base}, the checkpoint is ${host.base}.`] };
  }
  const differs =
    SIZED_BASES.has(host.base) &&
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
