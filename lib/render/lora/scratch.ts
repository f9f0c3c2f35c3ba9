import { NumberCast, planLayout, SequentialWriter, writeWhole } from '#scanner/convert/index.ts';
import {
  type NamedModel,
  type OpenModel,
  type PlacedModule,
  readFullChange,
  readRotations,
} from '#scanner/merge/index.ts';
import { RenderError } from '../types.ts';
import type { Progress } from './progress.ts';

/** One tensor that is worked out beforehand. */
export interface ScratchTensor {
  /** Its name in the file. */
  name: string;
  dtype: 'F32' | 'F16';
  shape: readonly number[];
  /** Of the whole: a module's name and a LoRA's, for errors. */
  origin: string;
  numbers(): AsyncIterable<Float64Array> | Iterable<Float64Array>;
}

/** Rotations are worked out beforehand: as blocks, or where they go through the weight in stages (BOFT), as its whole change. */
export function isPrecomputed({ module: { kind } }: PlacedModule): boolean {
  return kind === 'oft';
}

export function isFullMatrix({ module: { kind, parts } }: PlacedModule): boolean {
  return kind === 'oft' && parts.get('blocks')?.shape.length === 4;
}

/** Whether a module has magnitudes: the factors that they come to are worked out. */
export function hasLengths({ module: { kind, parts } }: PlacedModule): boolean {
  return kind !== 'oft' && kind !== 'set' && parts.has('dora');
}

/** What is worked out of a module of rotations. */
export function changeTensor(
  name: string,
  { lora, host, placed }: { lora: OpenModel<NamedModel>; host: OpenModel<NamedModel>; placed: PlacedModule },
): ScratchTensor {
  const { weight, rows } = placed.layer;
  const origin = `The module "${placed.module.name}" of “${lora.model.name}”`;
  if (!isFullMatrix(placed)) {
    const size = placed.module.parts.get('blocks')?.shape[1] ?? 1;
    return { name, dtype: 'F32', shape: [rows / size, size, size], origin, numbers: () => readRotations(lora, placed) };
  }
  return {
    name,
    // Halves are as exact as a checkpoint in halves (or less) with the change baked in would be.
    dtype: weight.dtype === 'F32' || weight.dtype === 'F64' ? 'F32' : 'F16',
    shape: [rows, ...weight.shape.slice(1)],
    origin,
    numbers: () => readFullChange(lora, host, placed),
  };
}

export function bytesOf({ dtype, shape }: ScratchTensor): number {
  return shape.reduce((product, side) => product * side, dtype === 'F32' ? 4 : 2);
}

/** Writes a safetensors file slice by slice. Throws RenderError `load_mismatch` where a number is none or too large. */
export async function writeScratch(path: string, tensors: readonly ScratchTensor[], progress: Progress): Promise<void> {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const { header, placements } = planLayout(
    tensors.map(({ name, dtype, shape }) => ({ name, dtype, source: stored(name, dtype, shape) })),
    new Map(),
  );
  await writeWhole(
    path,
    async (file) => {
      const writer = new SequentialWriter(file);
      await writer.write(header);
      for (const { tensor } of placements) {
        const { dtype, origin, numbers } = byName.get(tensor.name) as ScratchTensor;
        const cast = new NumberCast('F64', dtype);
        for await (const slice of numbers()) {
          await writer.write(cast.convert(new Uint8Array(slice.buffer, slice.byteOffset, slice.byteLength)));
          if (cast.notNumbers > 0) throw new RenderError('load_mismatch', `${origin} results in NaN values.`);
          if (cast.saturated > 0) {
            throw new RenderError('load_mismatch', `${origin} results in values that are too large.`);
          }
          await progress.advance(slice.length);
        }
      }
      await writer.finish();
    },
    // Nobody needs it after a power cut.
    { flush: false },
  );
}

function stored(name: string, dtype: 'F32' | 'F16', shape: readonly number[]) {
  return { name, dtype, shape, storage: { start: 0, elements: 0, offset: 0, stride: [] } };
}
