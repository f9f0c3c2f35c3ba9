import { baseRecord, factsOfClass } from '../bases/index.ts';
import type { TensorTable } from '../tensors/index.ts';
import { applyClasses } from './apply-classes.ts';
import { isWholeModel } from './create-identity.ts';
import { readEntry } from './metadata.ts';
import type { Identity } from './types.ts';

/**
 * Reads `model_class`, in which nunchaku writes what loads a file of SVDQuant. It joins layers and packs them, so that
 * their names and shapes are those of no network: where the tensors tell nothing, the class is the best there is, and
 * never more than possible. Otherwise it counts as the class of a configuration does.
 */
export function applyNunchaku(identity: Identity, { metadata, tensors }: TensorTable): void {
  const value = readEntry(metadata, 'model_class');
  if (value?.startsWith('Nunchaku') !== true) return;
  const detail = `model_class = ${value}`;
  const { types = [], bases = [] } = factsOfClass(value) ?? {};
  const isOpen = identity.type === 'unknown' || isWholeModel(identity);
  const isTold = identity.base !== 'unknown' || (identity.candidates ?? []).length > 0;
  const isPacked = tensors.some(({ name }) => name.endsWith('.qweight'));
  if (!isOpen || isTold || !isPacked) {
    applyClasses(identity, [{ value, detail }], 'metadata');
    return;
  }
  const [first] = types;
  if (first === undefined) return;
  if (identity.type === 'unknown') {
    identity.type = types.includes('diffusion-model') ? 'diffusion-model' : first;
    identity.evidence.push({ field: 'type', source: 'metadata', detail });
  }
  const [base] = bases;
  if (base === undefined) return;
  if (identity.components.length === 0)
    identity.components.push(baseRecord(base)?.network.kind === 'unet' ? 'unet' : 'transformer');
  if (bases.length > 1) {
    identity.candidates = [...bases];
    return;
  }
  identity.base = base;
  identity.confidence = 'medium';
  identity.evidence.push({ field: 'base', source: 'metadata', detail });
}
