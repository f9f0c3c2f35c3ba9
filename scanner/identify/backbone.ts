import { baseRecord, type KnownBase } from '../bases/index.ts';
import { type KeyIndex, matchRow } from './key-index.ts';
import { TRANSFORMER_ROWS } from './transformer-rows.ts';
import type { Prediction } from './types.ts';
import { matchUnet, measureUnet, type UnetFeatures } from './unet.ts';

/** The network that does the denoising, wherever in the file it lies. */
export interface Backbone {
  kind: 'unet' | 'transformer';
  /** Which names its layers have; null for transformers. */
  layout: 'ldm' | 'diffusers' | null;
  prefix: string;
  base: KnownBase;
  variant: string | null;
  prediction: Prediction | undefined;
  /** The deciding keys with their shapes, first those of the base. */
  baseEvidence: string[];
  variantEvidence: string[];
  problems: string[];
  /** Where SD 2.x keeps the values that tell its two predictions apart. */
  sd2Probe: string | undefined;
}

/** Longest first, so that `model.` does not win over `model.diffusion_model.`. */
const PREFIXES = [
  'model.diffusion_model.',
  'diffusion_model.',
  'model.model.',
  'transformer.',
  'unet.',
  'model.',
  'net.',
  '',
];

export function findBackbone(keys: KeyIndex): Backbone | undefined {
  for (const prefix of PREFIXES) {
    if (prefix !== '' && keys.count(prefix) < 5) continue;
    const inner = keys.under(prefix);
    const backbone = matchTransformer(inner, prefix) ?? describeUnet(inner, prefix, keys);
    if (backbone !== undefined) return backbone;
  }
  return undefined;
}

function matchTransformer(keys: KeyIndex, prefix: string): Backbone | undefined {
  const match = matchRow(TRANSFORMER_ROWS, keys);
  if (match === undefined) return undefined;
  const evidence = match.evidence.map((text) => prefix + text);
  return {
    kind: baseRecord(match.row.base)?.network.kind === 'unet' ? 'unet' : 'transformer',
    layout: null,
    prefix,
    base: match.row.base,
    variant: match.row.variant ?? null,
    prediction: match.row.prediction ?? 'flow',
    baseEvidence: evidence,
    variantEvidence: evidence,
    problems: [],
    sd2Probe: undefined,
  };
}

function describeUnet(keys: KeyIndex, prefix: string, file: KeyIndex): Backbone | undefined {
  const features = measureUnet(keys);
  if (features === undefined) return undefined;
  const row = matchUnet(features, file);
  const describeKey = (key: string | undefined) => (key === undefined ? [] : [prefix + keys.describeTensor(key)]);
  const problems: string[] = [];
  if (row === undefined) problems.push(describeMismatch(features));
  if (row?.tensors !== undefined && features.layout === 'ldm' && keys.names.length < row.tensors) {
    problems.push(`The diffusion model has ${keys.names.length} of ${row.tensors} tensors.`);
  }
  return {
    kind: 'unet',
    layout: features.layout,
    prefix,
    base: row?.base ?? 'unknown',
    variant: row?.variant ?? null,
    prediction: row?.prediction,
    baseEvidence: describeKey(features.contextKey),
    variantEvidence: [
      ...describeKey(features.inputKey),
      ...describeKey(features.vectorKey),
      `transformer blocks ${features.depths.join(',')}${features.hasMiddle ? '' : ', no middle block'}`,
      ...(row?.fileKey === undefined ? [] : [`${row.fileKey[0]}`]),
    ],
    problems,
    sd2Probe:
      features.layout === 'ldm'
        ? `${prefix}output_blocks.11.1.transformer_blocks.0.norm1.bias`
        : `${prefix}up_blocks.3.attentions.2.transformer_blocks.0.norm1.bias`,
  };
}

function describeMismatch({ context, inputChannels, vector }: UnetFeatures): string {
  const vectorText = vector === undefined ? '' : `, vector width ${vector}`;
  return `Unknown UNet: text width ${context ?? 'none'}, ${inputChannels} input channels${vectorText}.`;
}
