import { join } from 'node:path';
import {
  checkSizes,
  type FittedAdapter,
  type NamedModel,
  type OpenModel,
  type PlacedModule,
  readLengthFactors,
} from '#scanner/merge/index.ts';
import { RenderError } from '../types.ts';
import { openWeightFile } from '../weights/index.ts';
import { checkNumbers } from './check-numbers.ts';
import { Progress } from './progress.ts';
import type { OpenLora, Scratch } from './read-module.ts';
import {
  bytesOf,
  changeTensor,
  hasLengths,
  isFullMatrix,
  isPrecomputed,
  type ScratchTensor,
  writeScratch,
} from './scratch.ts';
import type { PreparingOptions } from './types.ts';

const SCRATCH_LIMIT = 8 * 1024 ** 3;

/**
 * Checks all modules and works out what their graphs need beforehand, in constant memory. Answers what there is for each
 * module. Throws RenderError and MergeError where a module is broken or does not fit.
 */
export async function computeDeltas(
  host: OpenModel<NamedModel>,
  loras: readonly { lora: OpenLora; adapter: FittedAdapter }[],
  options: PreparingOptions & { folder: string },
): Promise<(placed: PlacedModule) => Scratch> {
  const all = loras.flatMap(({ lora, adapter }) => adapter.placed.map((placed) => ({ lora: lora.open, host, placed })));
  const rotations = all.filter(({ placed }) => isPrecomputed(placed));
  const names = new Map(rotations.map(({ placed }, index) => [placed, `change ${index}`]));

  const measured = all.filter(({ placed }) => hasLengths(placed));
  const progress = new Progress(
    all.reduce((sum, { placed }) => sum + numbersOf(placed), 0) +
      [...measured, ...rotations].reduce((sum, { placed }) => sum + layerNumbers(placed), 0),
    options,
  );
  for (const { lora, placed } of all) {
    await checkNumbers(lora, placed.module.parts, progress);
    await checkSizes(lora, placed);
  }
  const changes = rotations.map((one) => changeTensor(names.get(one.placed) ?? '', one));
  checkRoom(changes, options.scratchLimit ?? SCRATCH_LIMIT);

  const axes = new Map<PlacedModule, { name: string; axis: 'output' | 'input' }>();
  const lengths: ScratchTensor[] = [];
  for (const [index, { lora, placed }] of measured.entries()) {
    const { axis, factors } = await readLengthFactors(lora, host, placed);
    const name = `lengths ${index}`;
    axes.set(placed, { name, axis });
    lengths.push({
      name,
      dtype: 'F32',
      shape: [factors.length],
      origin: `The module "${placed.module.name}" of “${lora.model.name}”`,
      numbers: () => [factors.map((factor) => factor - 1)],
    });
    await progress.advance(layerNumbers(placed));
  }

  const tensors = [...changes, ...lengths];
  if (tensors.length === 0) return () => ({});
  const path = join(options.folder, 'changes.safetensors');
  await writeScratch(path, tensors, progress);
  const file = openWeightFile(path);
  const find = (name: string | undefined) => (name === undefined ? undefined : file.tensors.get(name));
  return (placed) => {
    const axis = axes.get(placed);
    const factors = find(axis?.name);
    const change = find(names.get(placed));
    return {
      change:
        change === undefined
          ? undefined
          : isFullMatrix(placed)
            ? { kind: 'dense', weight: change }
            : { kind: 'turned', blocks: change },
      lengths: axis === undefined || factors === undefined ? undefined : { axis: axis.axis, factors },
    };
  };
}

function checkRoom(tensors: readonly ScratchTensor[], limit: number): void {
  const bytes = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  if (bytes <= limit) return;
  const gigabytes = (number: number) => `${(number / 1e9).toFixed(1)} GB`;
  throw new RenderError(
    'bad_request',
    `These LoRAs need ${gigabytes(bytes)} of temporary disk space, but the limit is ${gigabytes(limit)}: they change full weights. Use fewer LoRAs, or bake them into the checkpoint with \`weighhouse merge\`.`,
  );
}

function numbersOf({ module }: PlacedModule): number {
  return [...module.parts.values()].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

function layerNumbers({ layer }: PlacedModule): number {
  return layer.weight.shape.slice(1).reduce((product, size) => product * size, layer.rows);
}
