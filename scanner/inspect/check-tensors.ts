import { type PickleAnalysis, type StorageReference, storageElementBytes, type TensorRecord } from '../pickle/index.ts';
import type { RuleId, Severity, Where } from '../report/index.ts';
import { type FindStorage, findIndexFault } from './check-indices.ts';
import type { Inspection } from './inspection.ts';

/** A tensor written out may be this many times the bytes that the file holds for it, or 16 MiB in any case. */
const MAX_EXPANSION = 16;
const SMALL_BYTES = 1024 * 1024;

/**
 * Compares what the storages and tensors of a pickle claim with the bytes that are there, and reads the numbers by which
 * other numbers are found.
 */
export function checkTensors(
  { storages, tensors, checks }: Pick<PickleAnalysis, 'storages' | 'tensors' | 'checks'>,
  inspection: Inspection,
  where: Where,
  find: FindStorage,
): void {
  const reported = new Set<string>();
  const reportOnce = (rule: RuleId, severity: Severity, message: string, at: number) => {
    if (reported.has(rule)) return;
    reported.add(rule);
    inspection.report(rule, severity, message, { ...where, offset: at });
  };
  for (const storage of storages.values()) {
    const bytes = find(storage.key)?.size ?? null;
    const label = `Storage ${storage.key}`;
    if (bytes === null) {
      reportOnce('torch/unreadable', 'malformed', `${label} has no data: it is missing from the file.`, 0);
    } else if (claimedBytes(storage) > bytes) {
      reportOnce('tensor/out-of-bounds', 'malformed', `${label} is larger than its data in the file.`, 0);
    }
  }
  for (const tensor of tensors) {
    const { storage, shape, at } = tensor;
    const bytes = find(storage.key)?.size ?? null;
    if (bytes === null) continue;
    const label = `A tensor in storage ${storage.key}`;
    const elements = shape.reduce((product, size) => product * size, 1);
    if (!isInside(tensor)) {
      reportOnce('tensor/out-of-bounds', 'malformed', `${label} is larger than the storage.`, at);
    } else if (elements * tensor.type.bytes > MAX_EXPANSION * Math.max(bytes, SMALL_BYTES)) {
      const times = Math.round((elements * tensor.type.bytes) / bytes);
      const message = `${label} would be ${times} times larger when written out than in this file.`;
      reportOnce('tensor/expansion', 'suspicious', message, at);
    }
  }
  if (reported.size > 0) return;
  for (const check of checks) {
    const fault = findIndexFault(check, find, inspection);
    if (fault !== null) reportOnce(fault.rule, fault.severity, fault.message, check.at);
  }
}

function claimedBytes({ type, elements }: StorageReference): number {
  return elements * (storageElementBytes(type) ?? Number.POSITIVE_INFINITY);
}

/** True where every element that the record reaches is one of its storage. */
function isInside({ storage, type, offset, shape, stride }: TensorRecord): boolean {
  const { view, elements: whole } = storage;
  if (view !== null && (view.offset < 0 || view.elements < 0 || view.offset + view.elements > whole)) return false;
  const bytes = (view?.elements ?? whole) * (storageElementBytes(storage.type) ?? 0);
  if (shape.length !== stride.length || offset < 0) return false;
  if (shape.some((size) => size < 0) || stride.some((step) => step < 0)) return false;
  if (shape.includes(0)) return true;
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (stride[axis] ?? 0), offset);
  return (last + 1) * type.bytes <= bytes;
}
