import type { Hasher } from '../hashes/index.ts';
import { plainBuffer, type ReadBuffer } from '../read-forwards.ts';
import { type FileSource, openFileSource } from '../source.ts';
import { DTYPE_BYTES, type Dtype, readTensorTable } from '../tensors/index.ts';
import { isQuantised } from './affine-cast.ts';
import { makeAffineCheck } from './affine-check.ts';
import { VerificationError } from './errors.ts';
import { expectedElements, RunReader } from './expected-elements.ts';
import type { TargetDtype } from './float-formats.ts';
import { countElements } from './layout.ts';
import { makeQuantisingCheck } from './quantising-check.ts';
import { makeRoundingCheck, numbersOf, type RoundingCheck } from './rounding-check.ts';
import { type OutputTensor, type Selection, selectTensors } from './select.ts';
import { isWrittenAsItLies, openTag, type TensorTags } from './tensor-tags.ts';
import { checkCoverage, readEntries, type WrittenTensor } from './written-entries.ts';

/** Small enough to stay in the processor's cache between reading and computing. */
const STEP_BYTES = 1024 * 1024;

export interface VerificationOptions extends Selection {
  /** Called with the share of bytes compared, 0 to 1. */
  onProgress?: (fraction: number) => void;
  /**
   * Tags of tensors that were computed while the source was read. Those are compared with the tags of what was written;
   * tensors without one are compared with the source.
   */
  tags?: TensorTags;
  /** Is given every byte of a safetensors target once, from first to last, as it is compared: for digests of what was verified. */
  readInto?: ReadBuffer & Pick<Hasher, 'update'>;
}

/**
 * Reads the safetensors file `target` back with a reader that is not ours (the `safetensors` package) and compares every
 * tensor with its elements in `source`, by its tag or one by one, with none of the code that copied them. Takes the selection that the conversion
 * had. Throws VerificationError, which names the tensor, at the first difference: a name, type or shape, a byte, a
 * tensor too many or too few.
 */
export async function verifyConversion(
  source: FileSource,
  target: string,
  options: VerificationOptions = {},
): Promise<{ tensors: number; bytes: number }> {
  const { tensors } = selectTensors(readTensorTable(source), options);
  using written = openFileSource(target);
  const entries = readEntries(written);
  checkCoverage(entries, written.size);
  const dataStart = entries[0]?.begin ?? written.size;
  await options.readInto?.update(written.read(0, dataStart));
  return await compareTensors(source, tensors, written, entries, options);
}

/** Compares tensors in the order in which they stand in the target. */
export async function compareTensors(
  source: FileSource,
  tensors: readonly OutputTensor[],
  written: FileSource,
  entries: readonly WrittenTensor[],
  { onProgress, tags, readInto }: VerificationOptions,
): Promise<{ tensors: number; bytes: number }> {
  const wanted = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const present = new Set(entries.map(({ name }) => name));
  for (const { name } of tensors) {
    if (!present.has(name)) throw new VerificationError(`The tensor "${name}" was not written.`, name);
  }
  const total = Math.max(1, written.size);
  using original = new RunReader(source.path);
  using result = new RunReader(written.path);
  const buffer = readInto ?? plainBuffer(STEP_BYTES);
  let bytes = 0;
  for (const entry of entries) {
    const tensor = wanted.get(entry.name);
    if (tensor === undefined) {
      throw new VerificationError(`The tensor "${entry.name}" is not in the source.`, entry.name);
    }
    wanted.delete(entry.name);
    checkEntry(tensor, entry);
    const differs = () => new VerificationError(`The tensor "${entry.name}" differs from the source.`, entry.name);
    const tag = isWrittenAsItLies(tensor) ? tags?.tags[entry.name] : undefined;
    if (tags !== undefined && tag !== undefined) {
      const found = openTag(tags.key, entry.name);
      for (let position = entry.begin; position < entry.end; ) {
        const room = await buffer.room();
        const actual = result.readInto(room.subarray(0, Math.min(STEP_BYTES, entry.end - position)), position);
        if (actual.length === 0) throw differs();
        found.update(actual);
        buffer.take(actual.length);
        position += actual.length;
        onProgress?.(Math.min(1, position / total));
        await new Promise(setImmediate);
      }
      if (found.finish() !== tag) throw differs();
      bytes += entry.end - entry.begin;
      continue;
    }
    const check = roundingCheckOf(tensor);
    let position = entry.begin;
    for (const expected of expectedElements(source, original, tensor.source)) {
      const length = (expected.length / DTYPE_BYTES[tensor.source.dtype]) * DTYPE_BYTES[tensor.dtype];
      const actual = result.read(position, length);
      position += length;
      const isSame =
        actual.length === length &&
        (check === null ? Buffer.compare(expected, actual) === 0 : check(expected, actual) === -1);
      if (!isSame) throw differs();
      bytes += length;
      onProgress?.(Math.min(1, position / total));
      // Lets timers and messages of the process through: the reads themselves never wait.
      await (readInto === undefined ? new Promise(setImmediate) : readInto.update(actual));
    }
    if (position !== entry.end) throw differs();
  }

  return { tensors: tensors.length, bytes };
}

/** By both types: each makes tables of some hundred kilobytes, once for all files. */
const roundingChecks = new Map<string, RoundingCheck>();

function makeCheck(from: Dtype, to: Dtype): RoundingCheck {
  return to === 'Q8_0' ? makeQuantisingCheck(numbersOf(from)) : makeRoundingCheck(from, to as TargetDtype);
}

/** How to compare a tensor that was cast; null where its bytes must be those of the source. */
function roundingCheckOf({ dtype, source }: OutputTensor): RoundingCheck | null {
  if (dtype === source.dtype) return null;
  if (isQuantised(source)) return makeAffineCheck(source, dtype);
  const key = `${source.dtype} ${dtype}`;
  const check = roundingChecks.get(key) ?? makeCheck(source.dtype, dtype);
  roundingChecks.set(key, check);
  return check;
}

function checkEntry(tensor: OutputTensor, { name, dtype, shape, begin, end }: WrittenTensor): void {
  const expected: Dtype = tensor.dtype;
  if (dtype !== expected) {
    throw new VerificationError(`The tensor "${name}" is ${dtype} instead of ${expected}.`, name);
  }
  const wanted = tensor.source.shape;
  if (shape.length !== wanted.length || shape.some((size, axis) => size !== wanted[axis])) {
    throw new VerificationError(`The tensor "${name}" has a different shape than in the source.`, name);
  }
  if (end - begin !== countElements(wanted) * DTYPE_BYTES[expected]) {
    throw new VerificationError(`The size of the tensor "${name}" does not match its shape.`, name);
  }
}
