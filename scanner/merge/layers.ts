import { BACKBONES, canonicalUnetName, listTextLayers, OPEN_CLIP_LAYERS, TEXT_ENCODERS } from '../identify/index.ts';
import type { Tensor } from '../tensors/index.ts';
import { hasSwappedRows, listPartNames, listTransformerParts } from './transformer-names.ts';

/** Where a layer's numbers stand in a checkpoint. */
export interface Layer {
  weight: Tensor;
  bias: Tensor | undefined;
  /** The rows that are this layer's, where several layers share a tensor (queries, keys and values). */
  first: number;
  rows: number;
  /** Whether it is all of its tensor. */
  whole: boolean;
}

export type LayersByPlace = ReadonlyMap<string, Layer>;

/** The key of `LayersByPlace`: the network and the layer's name as `placeOf` gives it. */
export function placeKey(network: string, layer: string): string {
  return `${network} ${layer}`;
}

/**
 * Every layer of a checkpoint under the names that adapters have for it: the layouts of LDM, diffusers and OpenCLIP, and
 * transformers that join what diffusers keeps apart.
 */
export function listLayers(tensors: readonly Tensor[]): LayersByPlace {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const hasText = tensors.some(({ name }) => TEXT_ENCODERS.some(([prefix]) => name.startsWith(prefix)));
  const backbone = BACKBONES.find((prefix) => tensors.some(({ name }) => name.startsWith(prefix)));
  const layers = new Map<string, Layer>();
  const add = (network: string, layer: string, weight: Tensor, first?: number, rows?: number) => {
    const all = weight.shape[0] ?? 1;
    const bias = byName.get(weight.name.replace(/([._])weight$/, '$1bias'));
    const entry = { weight, bias, first: first ?? 0, rows: rows ?? all, whole: rows === undefined || rows === all };
    const key = placeKey(network, layer);
    if (!layers.has(key)) layers.set(key, entry);
  };

  for (const tensor of tensors) {
    if (!/[._]weight$/.test(tensor.name)) continue;
    const text = TEXT_ENCODERS.find(([prefix]) => tensor.name.startsWith(prefix));
    if (text !== undefined) {
      addTextLayers(tensor, tensor.name.slice(text[0].length), (...rest) => add(text[1], ...rest));
    } else if (backbone !== undefined ? tensor.name.startsWith(backbone) : !hasText) {
      const path = tensor.name.slice((backbone ?? '').length).replace(/\.weight$/, '');
      const name = path.replaceAll('.', '_').toLowerCase();
      add('unet', canonicalUnetName(name), tensor);
      for (const { layer, first, rows } of listTransformerParts(name, tensor.shape)) {
        add('unet', layer, tensor, first, rows);
      }
    }
  }
  return layers;
}

/**
 * The layers of a checkpoint in diffusers' layout that a module stands for which was made for the tensor that its makers
 * join them in. Empty where there are none, or not all of them.
 */
export function listJoinedLayers(layers: LayersByPlace, layer: string): Layer[] {
  const found = listPartNames(layer).map((name) => layers.get(placeKey('unet', name)));
  if (found.some((one) => one === undefined || hasSwappedRows(layer, one.weight.shape))) return [];
  return found.filter((one) => one !== undefined);
}

function addTextLayers(
  tensor: Tensor,
  name: string,
  add: (layer: string, weight: Tensor, first?: number, rows?: number) => void,
): void {
  const norm = /^(?:transformer\.)?resblocks\.(\d+)\.(ln_[12])\.weight$/.exec(name);
  if (norm !== null) {
    add(`text_model_encoder_layers_${norm[1]}_${OPEN_CLIP_LAYERS[norm[2] ?? '']}`, tensor);
    return;
  }
  let first = 0;
  for (const [layer, rows] of listTextLayers(name, tensor.shape)) {
    add(layer, tensor, first, rows);
    first += rows;
  }
}
