import { BASES, baseOfFileName, baseRecord, fineTuneOfFile, type ModelType } from '../bases/index.ts';
import type { TensorTable } from '../tensors/index.ts';
import { readStatedBase, readStatedFamily } from './metadata.ts';
import type { IdentifyHints, Identity } from './types.ts';

/** On architecture weights win, and a contradiction is shown. Where they leave it open, metadata counts, then notes, then the name. */
export function applyStatedBase(
  identity: Identity,
  { metadata }: TensorTable,
  { filename, sidecars }: IdentifyHints,
): void {
  if (identity.type === 'unknown') return;
  const stated = readStatedBase(metadata);
  if (stated !== undefined) {
    const refines =
      identity.type === 'lora' && baseRecord(identity.base)?.sameAdaptersAs?.includes(stated.value) === true;
    const isCandidate = identity.type === 'lora' && identity.candidates?.includes(stated.value) === true;
    if (identity.base === 'unknown' || refines || isCandidate) {
      identity.confidence = isCandidate && identity.base === stated.value ? 'high' : 'medium';
      identity.base = stated.value;
      identity.evidence.push({ field: 'base', source: 'metadata', detail: stated.detail });
    } else if (stated.value !== identity.base) {
      identity.problems.push(
        `The metadata says ${stated.value} (${stated.detail}), but the weights are ${identity.base}.`,
      );
    }
    return;
  }
  const noted = sidecars?.base;
  if (noted !== undefined && identity.base !== 'unknown') {
    if (noted.value !== identity.base)
      identity.problems.push(
        `A companion file says ${noted.value} (${noted.detail}), but the model is ${identity.base}.`,
      );
    return;
  }
  if (noted !== undefined && OPEN_TYPES.has(identity.type)) {
    identity.base = noted.value;
    identity.confidence = 'medium';
    identity.evidence.push({ field: 'base', source: 'sidecar', detail: noted.detail });
    return;
  }
  const guess = filename === undefined || identity.base !== 'unknown' ? undefined : baseOfFileName(filename);
  if (guess !== undefined && filename !== undefined && OPEN_TYPES.has(identity.type)) {
    identity.base = guess;
    identity.confidence = 'low';
    identity.evidence.push({ field: 'base', source: 'filename', detail: filename });
  }
}

/** Types whose base may lie outside the weights. A network of an unknown kind is not made a known one by its name. */
const OPEN_TYPES: ReadonlySet<ModelType> = new Set(['lora', 'vae', 'embedding']);

/** Families share every shape, and anybody may call a file anything: only records and known bytes count. */
export function applyFamily(identity: Identity, { metadata }: TensorTable, { sha256, sidecars }: IdentifyHints): void {
  if (identity.base === 'unknown' || BASES[identity.base].fineTunes === undefined) return;
  const known = sha256 === undefined ? undefined : fineTuneOfFile(sha256);
  const stated = readStatedFamily(metadata);
  if (known !== undefined) {
    identity.family = known.id;
    identity.evidence.push({ field: 'family', source: 'hash', detail: `the published file ${known.name}` });
  } else if (stated !== undefined) {
    identity.family = stated.value;
    identity.evidence.push({ field: 'family', source: 'metadata', detail: stated.detail });
  } else if (sidecars?.family !== undefined) {
    identity.family = sidecars.family.value;
    identity.evidence.push({ field: 'family', source: 'sidecar', detail: sidecars.family.detail });
  }
}
