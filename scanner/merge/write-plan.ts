import {
  layOut,
  NumberCast,
  type OutputTensor,
  SequentialWriter,
  type TargetDtype,
  writeWhole,
} from '../convert/index.ts';
import type { Dtype } from '../tensors/index.ts';
import { MergeError } from './errors.ts';
import { countOf, isFloat } from './number-reader.ts';
import type { PlannedTensor } from './plan.ts';
import type { MergeOptions } from './types.ts';

const TARGETS: ReadonlySet<Dtype> = new Set<Dtype>(['F32', 'F16', 'BF16', 'F8_E4M3']);
/** The event loop gets a turn after so many numbers: signals, messages, other jobs. */
const NUMBERS_A_TURN = 8 * 1024 * 1024;

/**
 * Writes what was planned as safetensors, in constant memory: the file appears whole or not at all, and the same plan
 * gives the same bytes. Throws MergeError where a number that was reckoned is none (NaN), and the signal's reason.
 */
export async function writePlan(
  tensors: readonly PlannedTensor[],
  metadata: ReadonlyMap<string, string>,
  target: string,
  { dtype, onProgress, signal }: Pick<MergeOptions, 'dtype' | 'onProgress' | 'signal'>,
): Promise<{ bytes: number; saturated: number }> {
  const planned = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const outputs = tensors.map(
    ({ name, like, dtype: own }): OutputTensor => ({
      name,
      dtype: dtype !== undefined && isFloat(own) ? dtype : own,
      source: like,
    }),
  );
  const layout = layOut(outputs, metadata);
  const bytes = layout.header.length + layout.dataBytes;
  const encoder = new Encoder();
  await writeWhole(target, async (file) => {
    const writer = new SequentialWriter(file, (done) => onProgress?.(done / bytes));
    await writer.write(layout.header);
    let since = 0;
    for (const { tensor } of layout.placements) {
      const { work, like } = planned.get(tensor.name) as PlannedTensor;
      signal?.throwIfAborted();
      if (work.how === 'copy' && (tensor.dtype === like.dtype || TARGETS.has(tensor.dtype))) {
        for await (const block of work.reader.elements.read(tensor)) {
          signal?.throwIfAborted();
          await writer.write(block);
        }
        continue;
      }
      const slices = work.how === 'copy' ? [await work.reader.read(like)] : work.slices();
      let written = 0;
      for await (const numbers of slices) {
        checkNumbers(numbers, tensor.name);
        await writer.write(encoder.encode(numbers, tensor));
        written += numbers.length;
        since += numbers.length;
        if (since < NUMBERS_A_TURN) continue;
        since = 0;
        await new Promise(setImmediate);
        signal?.throwIfAborted();
      }
      if (written !== countOf(like.shape)) throw new RangeError(`"${tensor.name}" has ${written} numbers.`);
    }
    await writer.finish();
  });
  const copied = new Set(tensors.flatMap(({ work }) => (work.how === 'copy' ? [work.reader.elements] : [])));
  const saturated = [...copied].reduce((sum, elements) => sum + elements.saturated, encoder.saturated);
  return { bytes, saturated };
}

function checkNumbers(numbers: Float64Array, name: string): void {
  for (let i = 0; i < numbers.length; i += 1) {
    if (Number.isNaN(numbers[i])) {
      throw new MergeError(
        'not-a-number',
        `The merge gives no number (NaN) in the tensor "${name}": one of the models is broken there. \`weighhouse inspect --stats\` shows which.`,
      );
    }
  }
}

/** Turns numbers into bytes of a type, rounding to the nearest, ties to even. */
class Encoder {
  readonly #casts = new Map<Dtype, NumberCast>();

  get saturated(): number {
    let sum = 0;
    for (const cast of this.#casts.values()) sum += cast.saturated;
    return sum;
  }

  encode(numbers: Float64Array, { name, dtype }: OutputTensor): Uint8Array {
    const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
    if (dtype === 'F64') return bytes;
    if (!TARGETS.has(dtype)) {
      throw new MergeError('unsupported', `The tensor "${name}" is ${dtype}, which is not written. Choose a --dtype.`);
    }
    const cast = this.#casts.get(dtype) ?? new NumberCast('F64', dtype as TargetDtype);
    this.#casts.set(dtype, cast);
    return cast.convert(bytes);
  }
}
