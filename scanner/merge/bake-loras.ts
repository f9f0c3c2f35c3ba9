import type { Tensor } from '../tensors/index.ts';
import { readAdapter } from './adapter.ts';
import { type Baking, bakeDifference, bakeWeight } from './bake.ts';
import { checkAdapter, checkCheckpoints } from './check-bases.ts';
import { EMA } from './combine-checkpoints.ts';
import { enlargeRows, readEnlargedShape } from './enlarge-layer.ts';
import { MergeError } from './errors.ts';
import { changesOf, fits, isPlaceable } from './fit-modules.ts';
import { type Layer, listJoinedLayers, listLayers, placeKey } from './layers.ts';
import { isFloat } from './number-decoders.ts';
import { type OpenModel, quote } from './open-models.ts';
import { copyOf, emptyPlan, type Plan } from './plan.ts';
import { cutRows, shiftRows, slicesOf, spliceRows, tensorRows, type WeightRows } from './rows.ts';
import type { WeightedLora } from './types.ts';

/** An adapter that is open, and how much of it is wanted. */
export interface OpenLora {
  lora: OpenModel;
  weight: WeightedLora['weight'];
  textWeight?: WeightedLora['textWeight'];
}

/** One change of one tensor, made of the weight before it. */
type Change = (weight: WeightRows) => Promise<WeightRows>;

/**
 * A checkpoint with adapters baked in one after the other, each at its weight. An adapter at weight 0 changes nothing.
 * Throws MergeError for adapters of other bases, and where none of an adapter's modules finds a layer.
 */
export async function bakeLoras(host: OpenModel, loras: readonly OpenLora[]): Promise<Plan> {
  const plan = emptyPlan(checkCheckpoints([host]));
  const layers = new Map(listLayers(host.table.tensors));
  const shapes = new Map<string, readonly number[]>();
  const changes = new Map<string, Change[]>();
  const add = (tensor: Tensor, change: Change) => {
    const list = changes.get(tensor.name);
    if (list === undefined) changes.set(tensor.name, [change]);
    else list.push(change);
  };

  for (const { lora, weight, textWeight = weight } of loras) {
    plan.warnings.push(...checkAdapter(lora, host));
    const { modules, ignored } = readAdapter(lora.table, quote(lora.model));
    plan.ignored.push(...ignored.map((name) => ({ model: lora.model.name, name })));
    const before = plan.unplaced.length;
    for (const module of modules) {
      const strength = module.network === 'unet' ? weight : textWeight;
      const key = placeKey(module.network, module.layer);
      const found = layers.get(key);
      const shape = found === undefined || strength === 0 ? null : await readEnlargedShape(module, lora.reader, found);
      const layer = found === undefined || shape === null ? found : enlargeLayer(found, shape);
      const baking = { module, reader: lora.reader, strength };
      const isPlaced =
        layer === undefined
          ? placeJoined(listJoinedLayers(layers, module.layer), baking, add)
          : place(layer, baking, add, shape);
      if (isPlaced && layer !== undefined && shape !== null) {
        layers.set(key, layer);
        shapes.set(layer.weight.name, shape);
        plan.warnings.push(
          `${quote(lora.model)} changes the shape of the layer "${layer.weight.name}" to [${shape.join(', ')}]: only applications that support such models can load the result.`,
        );
      }
      if (!isPlaced) plan.unplaced.push({ model: lora.model.name, module: module.name });
    }
    if (plan.unplaced.length - before === modules.length) {
      throw new MergeError(
        'nothing-to-merge',
        `No module of ${quote(lora.model)} (${modules.length} modules) matches a layer of ${quote(host.model)}.`,
      );
    }
  }

  for (const tensor of host.table.tensors) {
    const own = changes.get(tensor.name);
    if (EMA.test(tensor.name)) plan.leftOut.push(tensor.name);
    else if (own === undefined) plan.tensors.push(copyOf(host, tensor));
    else {
      const slices = async function* () {
        let weight: WeightRows = tensorRows(host.reader, tensor);
        for (const change of own) weight = await change(weight);
        for await (const { numbers } of slicesOf(weight)) yield numbers;
      };
      const like = { ...tensor, shape: shapes.get(tensor.name) ?? tensor.shape };
      plan.tensors.push({ name: tensor.name, like, dtype: tensor.dtype, work: { how: 'compute', slices } });
    }
  }
  return plan;
}

function enlargeLayer(layer: Layer, shape: readonly number[]): Layer {
  return { ...layer, weight: { ...layer.weight, shape }, rows: shape[0] ?? 1 };
}

/**
 * Hands out what a module changes; with `grown` the layer takes that shape before. False where the layer lacks what it
 * would change.
 */
function place(
  layer: Layer,
  baking: Baking,
  add: (tensor: Tensor, change: Change) => void,
  grown: readonly number[] | null,
): boolean {
  const { module, strength } = baking;
  const { weight, bias, first, rows, whole } = layer;
  const reshapeChange = (change: Change): Change =>
    whole ? change : async (all) => spliceRows(all, first, await change(cutRows(all, first, rows)));
  if (!isPlaceable(module, layer)) return false;
  const { changesWeight, biasDifference } = changesOf(module);
  // Nothing is computed, so that the bytes stay the same.
  if (strength === 0) return true;

  if (grown !== null) add(weight, async (before) => enlargeRows(before, grown));
  if (changesWeight) {
    add(
      weight,
      reshapeChange((before) => bakeWeight(before, weight.shape, baking)),
    );
  }
  if (biasDifference !== undefined && bias !== undefined) {
    add(
      bias,
      reshapeChange(async (before) => bakeDifference(before, biasDifference, baking)),
    );
  }
  return true;
}

/**
 * The same for a module of several layers, whose rows follow one another in it. Only modules that change every row by
 * itself can be taken apart.
 */
function placeJoined(layers: readonly Layer[], baking: Baking, add: (tensor: Tensor, change: Change) => void): boolean {
  const { module, strength } = baking;
  const [first] = layers;
  const { kind, parts } = module;
  if (first === undefined || kind === 'oft' || parts.has('dora') || parts.has('reshape')) return false;
  const shape = [layers.reduce((sum, { rows }) => sum + rows, 0), ...first.weight.shape.slice(1)];
  const isAlike = ({ weight, whole }: Layer) =>
    whole && isFloat(weight.dtype) && weight.shape.slice(1).every((size, axis) => size === shape[axis + 1]);
  if (!layers.every(isAlike)) return false;
  const rows = shape[0] ?? 0;
  const { changesWeight, biasDifference } = changesOf(module);
  if (changesWeight && !fits(module, { ...first, weight: { ...first.weight, shape }, rows })) return false;
  if (biasDifference !== undefined && layers.some(({ bias }) => bias === undefined)) return false;
  if (strength === 0) return true;

  let begin = 0;
  for (const { weight, bias, rows: own } of layers) {
    const from = begin;
    begin += own;
    if (changesWeight) {
      add(weight, async (before) => cutRows(await bakeWeight(shiftRows(before, from, rows), shape, baking), from, own));
    }
    if (biasDifference !== undefined && bias !== undefined) {
      add(bias, async (before) =>
        cutRows(bakeDifference(shiftRows(before, from, rows), biasDifference, baking), from, own),
      );
    }
  }
  return true;
}
