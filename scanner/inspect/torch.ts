import { MalformedContainer, readTorchLegacy } from '../containers/index.ts';
import { analysePickle, type PickleAnalysis, type TensorRecord } from '../pickle/index.ts';
import type { RuleId, Where } from '../report/index.ts';
import { type ByteSource, sliceSource } from '../source.ts';
import type { Inspection } from './inspection.ts';

/** PyTorch `torch/serialization.py`: MAGIC_NUMBER and PROTOCOL_VERSION. */
const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001n;
const PICKLES = 5;
const FIRST_READ = 1024 * 1024;
/** A tensor written out may be this many times the bytes that the file holds for it. */
const MAX_EXPANSION = 16;

/** Bytes of one element, by storage class. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  DoubleStorage: 8,
  FloatStorage: 4,
  HalfStorage: 2,
  BFloat16Storage: 2,
  LongStorage: 8,
  IntStorage: 4,
  ShortStorage: 2,
  CharStorage: 1,
  ByteStorage: 1,
  BoolStorage: 1,
  ComplexFloatStorage: 8,
  ComplexDoubleStorage: 16,
  QInt8Storage: 1,
  QUInt8Storage: 1,
  QInt32Storage: 4,
  QUInt4x2Storage: 1,
  QUInt2x4Storage: 1,
  UntypedStorage: 1,
  _UntypedStorage: 1,
};

/** A file of `torch.save` before 1.6: its five pickles all run, and numbers follow them. */
export function inspectTorchLegacy(source: ByteSource, where: Where, inspection: Inspection): void {
  const analysis = analyseHead(source, where, inspection);
  inspection.addPickle(analysis);
  inspection.addTensors(analysis.tensors.length);
  const [magic, protocol] = analysis.pickles;
  const whole = analysis.complete && analysis.pickles.length === PICKLES;
  if (magic?.integer !== MAGIC_NUMBER || (whole && protocol?.integer !== PROTOCOL_VERSION)) {
    inspection.report('torch/header', 'suspicious', 'The file does not start like a file from torch.save.', where);
  }
  if (!whole) return;

  try {
    const bytesOf = (key: string) => ELEMENT_BYTES[analysis.storages.get(key)?.type ?? ''] ?? null;
    const legacy = readTorchLegacy(source, () => bytesOf, inspection.limits.pickleBytes);
    if (!legacy.littleEndian) reportBigEndian(inspection, where);
    let end = analysis.end;
    for (const [key, { start, elements }] of legacy.storages)
      end = Math.max(end, start + elements * (bytesOf(key) ?? 0));
    checkTensors(analysis.tensors, inspection, where, (key) => {
      const storage = legacy.storages.get(key);
      return storage === undefined ? null : storage.elements * (bytesOf(key) ?? 0);
    });
    inspectRest(source, end, where, inspection);
  } catch (error) {
    if (!(error instanceof MalformedContainer)) throw error;
    inspection.report('torch/unreadable', 'malformed', error.message, where);
  }
}

/** Reads twice as far each time until the five pickles are whole. */
function analyseHead(source: ByteSource, where: Where, inspection: Inspection): PickleAnalysis {
  const limit = inspection.limits.pickleBytes;
  for (let length = FIRST_READ; ; length *= 4) {
    const bytes = source.read(0, Math.min(length, limit));
    const limits = inspection.pickleLimits;
    const analysis = analysePickle(bytes, { where, limits, count: PICKLES, ignoreRest: true });
    const last = length >= limit || length >= source.size;
    if (last || (analysis.complete && analysis.pickles.length === PICKLES)) return analysis;
  }
}

/** A loader stops behind the last number; what follows is either nothing or odd. */
function inspectRest(source: ByteSource, start: number, where: Where, inspection: Inspection): void {
  if (start >= source.size) return;
  const rest = sliceSource(source, start, source.size - start);
  const place = { ...where, offset: start };
  inspection.report('torch/trailing', 'suspicious', `There are ${rest.size} unused bytes after the tensors.`, place);
  const head = rest.read(0, FIRST_READ);
  if (head[0] === 0x80)
    inspection.addPickle(
      analysePickle(head, { where: place, limits: inspection.pickleLimits, ignoreRest: true }),
      'suspicious',
    );
}

/** Compares what the tensors claim with the bytes that are there. `bytesOf` is null for numbers that are missing. */
export function checkTensors(
  tensors: readonly TensorRecord[],
  inspection: Inspection,
  where: Where,
  bytesOf: (key: string) => number | null,
): void {
  const reported = new Set<string>();
  const reportOnce = (rule: RuleId, severity: 'suspicious' | 'malformed', message: string, at: number) => {
    if (reported.has(rule)) return;
    reported.add(rule);
    inspection.report(rule, severity, message, { ...where, offset: at });
  };
  for (const { storage, offset, shape, stride, at } of tensors) {
    const elementBytes = ELEMENT_BYTES[storage.type] ?? 1;
    const bytes = bytesOf(storage.key);
    const label = `A tensor in storage ${storage.key}`;
    if (bytes === null) {
      reportOnce('torch/unreadable', 'malformed', `${label} has no data: it is missing from the file.`, at);
      continue;
    }
    const untyped = elementBytes === 1 && storage.type.endsWith('UntypedStorage');
    const held = bytes / elementBytes;
    const elements = shape.reduce((product, size) => product * size, 1);
    const last = shape.reduce((sum, size, axis) => sum + (size - 1) * (stride[axis] ?? 0), offset);
    const impossible =
      shape.length !== stride.length || offset < 0 || shape.some((size) => size < 0) || stride.some((step) => step < 0);
    if (storage.elements > held || impossible || (elements > 0 && last >= held)) {
      reportOnce('tensor/out-of-bounds', 'malformed', `${label} is larger than the storage.`, at);
    } else if (!untyped && elements > MAX_EXPANSION * Math.max(held, 1024)) {
      reportOnce(
        'tensor/expansion',
        'suspicious',
        `${label} would be ${Math.round(elements / held)} times larger when written out than in this file.`,
        at,
      );
    }
  }
}

export function reportBigEndian(inspection: Inspection, where: Where): void {
  inspection.report('torch/big-endian', 'suspicious', 'The tensor data is big-endian.', where);
}
