import { createHash } from 'node:crypto';
import {
  flushFile,
  type IntendedTensor,
  NumberCast,
  type OutputTensor,
  planLayout,
  SequentialWriter,
  type TargetDtype,
  verifyWritten,
  writeWhole,
} from '../convert/index.ts';
import type { Dtype } from '../tensors/index.ts';
import { MergeError } from './errors.ts';
import { isFloat } from './number-decoders.ts';
import type { PlannedTensor } from './plan.ts';
import type { MergeOptions } from './types.ts';

const TARGETS: ReadonlySet<Dtype> = new Set<Dtype>(['F32', 'F16', 'BF16', 'F8_E4M3']);
/** The event loop gets a turn after so many numbers: signals, messages, other jobs. */
const NUMBERS_A_TURN = 8 * 1024 * 1024;

/** The part of the work that is writing; the rest is reading it back. */
const WRITING = 0.8;

/** What was written, after it was read back and compared. */
export interface WrittenPlan {
  /** Size of the file, in bytes. */
  bytes: number;
  /** Of the file, as it was read back. */
  sha256: string;
  /** Numbers that were too large for their type. */
  saturated: number;
}

/**
 * Writes what was planned as safetensors, in constant memory, and has a second reader compare every tensor in the file with
 * what was to be in it: the file appears whole and verified or not at all, and the same plan gives the same bytes. Throws
 * MergeError where a computed number is NaN, VerificationError, and the signal's reason.
 */
export async function writePlan(
  tensors: readonly PlannedTensor[],
  metadata: ReadonlyMap<string, string>,
  target: string,
  { dtype, onProgress, signal }: Pick<MergeOptions, 'dtype' | 'onProgress' | 'signal'>,
): Promise<WrittenPlan> {
  const planned = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const outputs = tensors.map(
    ({ name, like, dtype: own }): OutputTensor => ({
      name,
      dtype: dtype !== undefined && isFloat(own) ? dtype : own,
      source: like,
    }),
  );
  const { header, placements, dataBytes } = planLayout(outputs, metadata);
  const bytes = header.length + dataBytes;
  const encoder = new Encoder();
  const sha256 = await writeWhole(target, async (file, path) => {
    const writer = new SequentialWriter(file, (done) => onProgress?.((WRITING * done) / bytes));
    const intended: IntendedTensor[] = [];
    await writer.write(header);
    for (const { tensor, begin, end } of placements) {
      signal?.throwIfAborted();
      const hash = createHash('sha256');
      for await (const block of readPlanned(planned.get(tensor.name) as PlannedTensor, tensor, encoder)) {
        hash.update(block);
        await writer.write(block);
        signal?.throwIfAborted();
      }
      const place = { begin: header.length + begin, end: header.length + end };
      if (writer.position !== place.end) throw new RangeError(`"${tensor.name}" ends at ${writer.position}.`);
      intended.push({
        name: tensor.name,
        dtype: tensor.dtype,
        shape: tensor.source.shape,
        ...place,
        sha256: hash.digest('hex'),
      });
    }
    await writer.finish();
    const onCompared = (fraction: number) => onProgress?.(WRITING + (1 - WRITING) * fraction);
    const verifying = verifyWritten(path, { header, tensors: intended }, { onProgress: onCompared, signal });
    // The disk takes it meanwhile.
    const [verified, flushed] = await Promise.allSettled([verifying, flushFile(path)]);
    if (verified.status === 'rejected') throw verified.reason;
    if (flushed.status === 'rejected') throw flushed.reason;
    return verified.value;
  });
  const copied = new Set(tensors.flatMap(({ work }) => (work.how === 'copy' ? [work.reader.elements] : [])));
  const saturated = [...copied].reduce((sum, elements) => sum + elements.saturated, encoder.saturated);
  return { bytes, sha256, saturated };
}

/** The bytes of one tensor of the result, in blocks that hold until the next is asked for. */
async function* readPlanned(
  { work, like }: PlannedTensor,
  tensor: OutputTensor,
  encoder: Encoder,
): AsyncGenerator<Uint8Array> {
  if (work.how === 'copy' && (tensor.dtype === like.dtype || TARGETS.has(tensor.dtype))) {
    yield* work.reader.elements.read(tensor);
    return;
  }
  let since = 0;
  for await (const numbers of work.how === 'copy' ? [await work.reader.read(like)] : work.slices()) {
    yield encoder.encode(numbers, tensor);
    since += numbers.length;
    if (since < NUMBERS_A_TURN) continue;
    since = 0;
    await new Promise(setImmediate);
  }
}

/** Turns numbers into bytes of a type, rounding to the nearest, ties to even. Throws MergeError at a NaN. */
class Encoder {
  readonly #casts = new Map<Dtype, NumberCast>();

  get saturated(): number {
    let sum = 0;
    for (const cast of this.#casts.values()) sum += cast.saturated;
    return sum;
  }

  encode(numbers: Float64Array, { name, dtype }: OutputTensor): Uint8Array {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    if (dtype === 'F64') {
      if (numbers.some(Number.isNaN)) throw notANumber(name);
      return bytes;
    }
    if (!TARGETS.has(dtype)) {
      throw new MergeError(
        'unsupported',
        `The tensor "${name}" is ${dtype}, which cannot be written. Select another precision (--dtype).`,
      );
    }
    const cast = this.#casts.get(dtype) ?? new NumberCast('F64', dtype as TargetDtype);
    this.#casts.set(dtype, cast);
    const encoded = cast.convert(bytes);
    if (cast.notNumbers > 0) throw notANumber(name);
    return encoded;
  }
}

function notANumber(name: string): MergeError {
  return new MergeError(
    'not-a-number',
    `The merge results in NaN values in the tensor "${name}": one of the models is damaged. Run \`weighhouse inspect --stats\` to find it.`,
  );
}
