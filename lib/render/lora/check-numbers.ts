import { isFloat, type NamedModel, type OpenModel } from '#scanner/merge/index.ts';
import type { Tensor } from '#scanner/tensors/index.ts';
import { RenderError } from '../types.ts';
import type { Progress } from './progress.ts';

/** Parts that say how to read the others and are no numbers to render with. */
const MARKS: ReadonlySet<string> = new Set(['on_input', 'alpha', 'reshape']);
const AT_ONCE = 64 * 1024;

/**
 * Reads all numbers of a module once. Throws RenderError `load_mismatch` where one is none (NaN) or infinite, which would
 * turn the whole picture black, and for types that are not rendered with.
 */
export async function checkNumbers(
  { model, reader }: OpenModel<NamedModel>,
  parts: ReadonlyMap<string, Tensor>,
  progress: Progress,
): Promise<void> {
  const buffer = new Float64Array(AT_ONCE);
  for (const [part, tensor] of parts) {
    const { name, dtype } = tensor;
    if (!isFloat(dtype)) {
      if (MARKS.has(part)) continue;
      throw new RenderError(
        'load_mismatch',
        `“${model.name}” stores its tensor "${name}" as ${dtype}, which is not a numeric type.`,
      );
    }
    await using stream = reader.stream(tensor);
    const count = tensor.shape.reduce((product, size) => product * size, 1);
    for (let done = 0; done < count; done += AT_ONCE) {
      const numbers = buffer.subarray(0, Math.min(AT_ONCE, count - done));
      await stream.fill(numbers);
      // Nothing but NaN and infinity gives anything but 0 here.
      let trace = 0;
      for (let i = 0; i < numbers.length; i += 1) trace += (numbers[i] as number) * 0;
      if (trace !== 0) {
        throw new RenderError(
          'load_mismatch',
          `“${model.name}” is damaged: its tensor "${name}" contains NaN or infinite values. Run \`weighhouse inspect --stats\` for details.`,
        );
      }
      await progress.advance(numbers.length);
    }
  }
}
