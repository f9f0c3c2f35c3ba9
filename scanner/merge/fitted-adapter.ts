import type { Tensor } from '../tensors/index.ts';
import { type AdapterModule, readAdapter } from './adapter.ts';
import { addDelta, bakeWeight } from './bake.ts';
import { checkAdapter, nameBase } from './check-bases.ts';
import { makeDelta, targetOf } from './deltas.ts';
import { type LengthFactors, measureFactors } from './dora.ts';
import { MergeError } from './errors.ts';
import { changesOf, isPlaceable } from './fit-modules.ts';
import { type Layer, listLayers, placeKey } from './layers.ts';
import { countOf } from './number-reader.ts';
import { rotateRows } from './oft.ts';
import { type OpenModel, quote } from './open-models.ts';
import { cutRows, slicesOf, tensorRows, type WeightRows } from './rows.ts';
import type { NamedModel } from './types.ts';

/** A module with the layer of the checkpoint that it changes. */
export interface PlacedModule {
  module: AdapterModule;
  layer: Layer;
}

/** An adapter laid over a checkpoint, for those who apply it themselves. */
export interface FittedAdapter {
  placed: PlacedModule[];
  /** Modules that found no layer, by name. */
  unplaced: string[];
  /** Tensors of a kind that is not known, by name. */
  ignored: string[];
  /** In plain sentences: what will disappoint, although it fits. */
  warnings: string[];
}

/**
 * Finds the layers that an adapter changes. Modules that give a layer another shape or stand for several layers at once
 * count as without a place: the network stays as it is. Throws MergeError where the adapter is for another base, where half
 * of a module is missing, and where none finds its layer.
 */
export function fitAdapter(lora: OpenModel<NamedModel>, host: OpenModel<NamedModel>): FittedAdapter {
  const warnings = checkAdapter(lora, host);
  const { modules, ignored } = readAdapter(lora.table, quote(lora.model));
  const layers = listLayers(host.table.tensors);
  const placed: PlacedModule[] = [];
  const unplaced: string[] = [];
  for (const module of modules) {
    const layer = layers.get(placeKey(module.network, module.layer));
    if (layer !== undefined && !module.parts.has('reshape') && isPlaceable(module, layer))
      placed.push({ module, layer });
    else unplaced.push(module.name);
  }
  if (placed.length > 0) return { placed, unplaced, ignored, warnings };
  throw new MergeError(
    'nothing-to-merge',
    modules.length === 0
      ? `${quote(lora.model)} has no modules of a known type.`
      : `No module of ${quote(lora.model)} (${modules.length} modules, ${nameBase(lora)}) matches a layer of ${quote(host.model)} (${nameBase(host)}).`,
  );
}

/** Throws MergeError where a module's tensors have other sizes than its layer asks for. Reads its factors. */
export async function checkSizes(lora: OpenModel<NamedModel>, { module, layer }: PlacedModule): Promise<void> {
  const { changesWeight, biasDifference } = changesOf(module);
  if (biasDifference !== undefined && countOf(biasDifference.shape) !== layer.rows)
    throw shapeMismatch(module, biasDifference);
  const set = module.parts.get('set');
  const target = targetOf(layer.weight.shape, layer.rows);
  if (set !== undefined && countOf(set.shape) !== target.rows * target.columns) throw shapeMismatch(module, set);
  const blocks = module.parts.get('blocks');
  if (blocks !== undefined && countOf(blocks.shape.slice(-3, -1)) !== target.rows) throw shapeMismatch(module, blocks);
  const isAdded = changesWeight && module.kind !== 'set' && module.kind !== 'oft';
  if (isAdded) await makeDelta(module, lora.reader, target);
}

function shapeMismatch({ name }: AdapterModule, { shape }: Tensor): MergeError {
  const message = `The module "${name}" does not match its layer: it has a tensor of [${shape.join(', ')}].`;
  return new MergeError('bad-adapter', message);
}

/**
 * What a module adds to its layer's weight at full strength, row-major, slice by slice; each holds until the next is asked
 * for. Every kind but `set` changes the weight in proportion to the strength.
 */
export async function* readFullChange(
  lora: OpenModel<NamedModel>,
  host: OpenModel<NamedModel>,
  { module, layer }: PlacedModule,
): AsyncGenerator<Float64Array> {
  const before = ownRows(host, layer);
  const after = await bakeWeight(before, layer.weight.shape, { module, reader: lora.reader, strength: 1 });
  for await (const { from, numbers } of slicesOf(after)) {
    const old = await before.read(from, numbers.length / before.columns);
    for (let i = 0; i < numbers.length; i += 1) numbers[i] = (numbers[i] as number) - (old[i] as number);
    yield numbers;
  }
}

/** What the magnitudes of a module (DoRA) multiply each row, or each input's column, of the changed weight by. */
export async function readLengthFactors(
  lora: OpenModel<NamedModel>,
  host: OpenModel<NamedModel>,
  { module, layer }: PlacedModule,
): Promise<LengthFactors> {
  const magnitude = module.parts.get('dora');
  if (magnitude === undefined) throw new MergeError('bad-adapter', `The module "${module.name}" has no magnitudes.`);
  const target = targetOf(layer.weight.shape, layer.rows);
  const changed = addDelta(ownRows(host, layer), await makeDelta(module, lora.reader, target), 1);
  return await measureFactors(changed, await lora.reader.read(magnitude), magnitude, target);
}

/**
 * What a module of rotations (OFT) changes at full strength, as matrices [blocks, size, size] by which the rows of each block
 * are to be multiplied; in slices. Throws MergeError where the module does not fit.
 */
export async function* readRotations(
  lora: OpenModel<NamedModel>,
  { module, layer }: PlacedModule,
): AsyncGenerator<Float64Array> {
  const size = module.parts.get('blocks')?.shape[1] ?? 1;
  const target = targetOf(layer.weight.shape, layer.rows);
  // What becomes of the rows of a unit matrix in each block is the matrix itself.
  const units: WeightRows = {
    rows: layer.rows,
    columns: size,
    group: 1,
    read: async (from, count) => {
      const numbers = new Float64Array(count * size);
      for (let row = 0; row < count; row += 1) numbers[row * size + ((from + row) % size)] = 1;
      return numbers;
    },
  };
  const turned = await rotateRows(module, lora.reader, units, target);
  for await (const { from, numbers } of slicesOf(turned)) {
    const old = await units.read(from, numbers.length / size);
    for (let i = 0; i < numbers.length; i += 1) numbers[i] = (numbers[i] as number) - (old[i] as number);
    yield numbers;
  }
}

function ownRows(host: OpenModel<NamedModel>, { weight, first, rows, whole }: Layer): WeightRows {
  const all = tensorRows(host.reader, weight);
  return whole ? all : cutRows(all, first, rows);
}
