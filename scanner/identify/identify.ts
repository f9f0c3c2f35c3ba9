import type { FileSource } from '../source.ts';
import { readTensorTable, readTensorValues, type TensorTable } from '../tensors/index.ts';
import { applyClasses } from './apply-classes.ts';
import { applyNunchaku } from './apply-nunchaku.ts';
import { applyFamily, applyStatedBase } from './apply-stated.ts';
import { identifyWeights } from './identify-weights.ts';
import { KeyIndex } from './key-index.ts';
import { readMergeRecord } from './metadata.ts';
import { measurePrecision } from './precision.ts';
import type { IdentifyHints, Identity } from './types.ts';

/**
 * Says what a model file is, from the names and shapes of its tensors first. Metadata and the file name fill in only
 * what weights cannot tell; what nothing tells stays `unknown`.
 */
export function identify(table: TensorTable, hints: IdentifyHints = {}): Identity {
  const keys = KeyIndex.of(table);
  const identity = identifyWeights(keys, table, hints);
  Object.assign(identity, measurePrecision(table.tensors, table.metadata));
  if (table.refused.length > 0) {
    identity.problems.push(`${table.refused.length} tensors cannot be read, the first is "${table.refused[0]?.name}".`);
  }
  applyClasses(identity, [...(hints.classes ?? []), ...(hints.sidecars?.classes ?? [])]);
  applyNunchaku(identity, table);
  applyStatedBase(identity, table, hints);
  applyFamily(identity, table, hints);
  const merge = readMergeRecord(table.metadata);
  if (merge !== null) {
    identity.merge = true;
    identity.evidence.push({ field: 'merge', source: 'metadata', detail: merge });
  }
  return identity;
}

/** Reads a file's tensor table, unless it is given, and identifies it, with the values of small tensors at hand. */
export function identifyFile(
  source: FileSource,
  hints: IdentifyHints = {},
  table: TensorTable = readTensorTable(source),
): Identity {
  const byName = new Map(table.tensors.map((tensor) => [tensor.name, tensor]));
  const readTensor = (name: string) => {
    const tensor = byName.get(name);
    return tensor === undefined ? null : readTensorValues(source, tensor);
  };
  return identify(table, { readTensor, ...hints });
}
