import { MalformedContainer, readTorchLegacy } from '../containers/index.ts';
import { analysePickle, type PickleAnalysis, storageElementBytes } from '../pickle/index.ts';
import type { Where } from '../report/index.ts';
import { type ByteSource, sliceSource } from '../source.ts';
import { checkTensors } from './check-tensors.ts';
import type { Inspection } from './inspection.ts';

/** PyTorch `torch/serialization.py`: MAGIC_NUMBER and PROTOCOL_VERSION. */
const MAGIC_NUMBER = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001n;
const PICKLES = 5;
const FIRST_READ = 1024 * 1024;

/** True where the first pickle is the number by which `torch.load` knows its own files. */
export function beginsTorchLegacy(source: ByteSource, { limits, pickleLimits }: Inspection): boolean {
  const bytes = source.read(0, limits.pickleBytes);
  const { pickles } = analysePickle(bytes, { limits: pickleLimits, count: 1, ignoreRest: true });
  return pickles[0]?.integer === MAGIC_NUMBER;
}

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
    const bytesOf = (key: string) => storageElementBytes(analysis.storages.get(key)?.type ?? '');
    const legacy = readTorchLegacy(source, () => bytesOf, inspection.limits.pickleBytes);
    if (!legacy.littleEndian) reportBigEndian(inspection, where);
    let end = analysis.end;
    for (const [key, { start, elements }] of legacy.storages)
      end = Math.max(end, start + elements * (bytesOf(key) ?? 0));
    checkTensors(analysis, inspection, where, (key) => {
      const storage = legacy.storages.get(key);
      if (storage === undefined) return null;
      const size = storage.elements * (bytesOf(key) ?? 0);
      return { size, open: () => sliceSource(source, storage.start, size) };
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

export function reportBigEndian(inspection: Inspection, where: Where): void {
  inspection.report('torch/big-endian', 'suspicious', 'The tensor data is big-endian.', where);
}
