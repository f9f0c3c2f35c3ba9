import { OPEN_CLIP_LAYERS } from '../../identify/index.ts';
import type { Tensor } from '../../tensors/index.ts';
import type { ByName, Mapping } from './types.ts';

const LAYER = /^text_model\.encoder\.layers\.(\d{1,2})\.(.+)\.(weight|bias)$/;
const POSITIONS = 'text_model.embeddings.position_ids';
const PROJECTION = 'text_projection.weight';
const LAYERS = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', ...Object.values(OPEN_CLIP_LAYERS)];
const BOTH = ['weight', 'bias'];

/** Every tensor that a text encoder of transformers must have, by the layers that it has. */
function listNames(tensors: ByName): string[] {
  let layers = 1;
  for (const name of tensors.keys()) layers = Math.max(layers, Number(LAYER.exec(name)?.[1] ?? 0) + 1);
  return [
    'text_model.embeddings.token_embedding.weight',
    'text_model.embeddings.position_embedding.weight',
    ...BOTH.map((part) => `text_model.final_layer_norm.${part}`),
    ...Array.from({ length: layers }, (_, layer) =>
      LAYERS.flatMap((name) => BOTH.map((part) => `text_model.encoder.layers.${layer}.${name}.${part}`)),
    ).flat(),
  ];
}

/** An encoder that stays under the names of transformers, as CLIP-L does. */
export function mapTransformersText(tensors: ByName, prefix: string): Mapping {
  const names = new Set(listNames(tensors));
  const mapping: Mapping = { mapped: [], unmapped: [], missing: [], leftOut: [] };
  for (const [name, tensor] of tensors) {
    if (names.has(name) || name === POSITIONS)
      mapping.mapped.push({ name: prefix + name, shape: tensor.shape, parts: [tensor] });
    // CLIP-L's projection is not used by Stable Diffusion, and its files go without.
    else if (name === PROJECTION) mapping.leftOut.push(name);
    else mapping.unmapped.push(name);
  }
  mapping.missing.push(...[...names].filter((name) => !tensors.has(name)));
  return mapping;
}

/** Whole names of OpenCLIP by those of transformers. */
const OUTSIDE: Readonly<Record<string, string>> = {
  'text_model.embeddings.token_embedding.weight': 'token_embedding.weight',
  'text_model.embeddings.position_embedding.weight': 'positional_embedding',
  'text_model.final_layer_norm.weight': 'ln_final.weight',
  'text_model.final_layer_norm.bias': 'ln_final.bias',
};

/**
 * An encoder under the names of OpenCLIP, which keeps queries, keys and values as rows of one tensor, and its projection the
 * other way round.
 */
export function mapOpenClipText(tensors: ByName, prefix: string): Mapping {
  const mapping: Mapping = { mapped: [], unmapped: [], missing: [], leftOut: [] };
  const theirs = new Map(Object.entries(OPEN_CLIP_LAYERS).map(([own, name]) => [name, own]));
  for (const [name, tensor] of tensors) {
    const [, layer = '', part = '', kind = ''] = LAYER.exec(name) ?? [];
    const own = OUTSIDE[name] ?? (theirs.has(part) ? `${block(layer)}.${theirs.get(part)}.${kind}` : undefined);
    if (own !== undefined) mapping.mapped.push({ name: prefix + own, shape: tensor.shape, parts: [tensor] });
    else if (name === PROJECTION) {
      const turned = transpose(tensor);
      mapping.mapped.push({ name: `${prefix}text_projection`, shape: turned.shape, parts: [turned] });
    } else if (name === POSITIONS) mapping.leftOut.push(name);
    else if (part === 'self_attn.q_proj') joinRows(tensors, prefix, layer, kind, mapping);
    else if (part !== 'self_attn.k_proj' && part !== 'self_attn.v_proj') mapping.unmapped.push(name);
  }
  mapping.missing.push(...listNames(tensors).filter((name) => !tensors.has(name)));
  return mapping;
}

const block = (layer: string) => `transformer.resblocks.${layer}`;

function joinRows(tensors: ByName, prefix: string, layer: string, kind: string, mapping: Mapping): void {
  const names = ['q', 'k', 'v'].map((one) => `text_model.encoder.layers.${layer}.self_attn.${one}_proj.${kind}`);
  const parts = names.flatMap((name) => tensors.get(name) ?? []);
  const [first] = parts;
  // What is missing is said with the other names.
  if (first === undefined || parts.length !== names.length) return;
  const isAlike = parts.every(({ shape, dtype }) => dtype === first.dtype && shape.join() === first.shape.join());
  if (!isAlike) {
    mapping.unmapped.push(...names);
    return;
  }
  const [rows = 0, ...columns] = first.shape;
  mapping.mapped.push({
    name: `${prefix}${block(layer)}.attn.in_proj_${kind}`,
    shape: [rows * parts.length, ...columns],
    parts,
  });
}

function transpose(tensor: Tensor): Tensor {
  const { shape, storage, quantiser } = tensor;
  return {
    ...tensor,
    shape: [...shape].reverse(),
    storage: { ...storage, stride: [...storage.stride].reverse() },
    ...(quantiser && { quantiser: { ...quantiser, axis: shape.length - 1 - quantiser.axis } }),
  };
}
