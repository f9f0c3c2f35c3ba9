import { canonicalUnetName, listTextLayers, placeOf, TEXT_ENCODERS } from '#scanner/identify/index.ts';
import { scheduleLayout } from './diffusion-schedule.ts';
import { type LayerWidths, loraLayout } from './lora.ts';
import { clipLLayout, openClipLayout } from './text-encoder.ts';
import { type LayoutTensor, withPrefix } from './types.ts';
import { UNETS, unetLayout } from './unet.ts';
import { vaeLayout } from './vae.ts';

const VECTORS = 8;
const RANK = 16;
const UNET = 'model.diffusion_model.';

type Base = keyof typeof UNETS;

/** A checkpoint: noise schedule where its trainer kept it, UNet, VAE, text encoders. */
function checkpointLayout(base: Base): LayoutTensor[] {
  const older = base.startsWith('sd1') || base.startsWith('sd2');
  return [
    ...(older ? scheduleLayout() : []),
    ...withPrefix(UNET, unetLayout(UNETS[base])),
    ...withPrefix('first_stage_model.', vaeLayout()),
    ...encodersLayout(base),
  ];
}

function encodersLayout(base: Base): LayoutTensor[] {
  if (base.startsWith('sd1')) return withPrefix('cond_stage_model.transformer.text_model.', clipLLayout());
  if (base.startsWith('sd2')) return withPrefix('cond_stage_model.model.', openClipLayout('h'));
  if (base === 'sdxl-refiner') return withPrefix('conditioner.embedders.0.model.', openClipLayout('g'));
  return [
    ...withPrefix('conditioner.embedders.0.transformer.text_model.', clipLLayout()),
    ...withPrefix('conditioner.embedders.1.model.', openClipLayout('g')),
  ];
}

const LAYOUTS = {
  sd1: () => checkpointLayout('sd1'),
  'sd1-inpaint': () => checkpointLayout('sd1-inpaint'),
  'sd1-pix2pix': () => checkpointLayout('sd1-pix2pix'),
  sd2: () => checkpointLayout('sd2'),
  'sd2-inpaint': () => checkpointLayout('sd2-inpaint'),
  sdxl: () => checkpointLayout('sdxl'),
  'sdxl-inpaint': () => checkpointLayout('sdxl-inpaint'),
  'sdxl-refiner': () => checkpointLayout('sdxl-refiner'),
  'unet-sd1': () => withPrefix(UNET, unetLayout(UNETS.sd1)),
  'unet-sdxl': () => withPrefix(UNET, unetLayout(UNETS.sdxl)),
  vae: () => vaeLayout(),
  'lora-sd1': () => loraLayout('sd1', RANK),
  'lora-sd2': () => loraLayout('sd2', RANK),
  'lora-sdxl': () => loraLayout('sdxl', RANK),
  'embedding-sd1': () => [{ name: '*', shape: [VECTORS, 768] }],
  'embedding-sd2': () => [{ name: '*', shape: [VECTORS, 1024] }],
  'embedding-sdxl': () => [
    { name: 'clip_l', shape: [VECTORS, 768] },
    { name: 'clip_g', shape: [VECTORS, 1280] },
  ],
} satisfies Record<string, () => LayoutTensor[]>;

export type LayoutKind = keyof typeof LAYOUTS;

export const LAYOUT_KINDS = Object.keys(LAYOUTS) as LayoutKind[];

/** Every tensor of a model of this kind at its real shape, in the order of the model's modules. */
export function fullLayout(kind: LayoutKind): LayoutTensor[] {
  return LAYOUTS[kind]();
}

/**
 * The same names with as few numbers as a program that reads shapes still recognises: under 3 MB in half precision
 * (7 MB for an SDXL LoRA).
 * A LoRA is one of rank 1 that fits the slim checkpoint of its base. Elsewhere the tensors that decide type, base and prediction keep the width of their
 * input, by which every program tells them apart, and the rest are a few numbers each: nothing can render with them.
 */
export function slimLayout(kind: LayoutKind): LayoutTensor[] {
  if (kind === 'lora-sd1') return loraLayoutFor('sd1', slimLayout('sd1'), 1);
  if (kind === 'lora-sd2') return loraLayoutFor('sd2', slimLayout('sd2'), 1);
  if (kind === 'lora-sdxl') return loraLayoutFor('sdxl', slimLayout('sdxl'), 1);
  if (kind.startsWith('embedding')) return fullLayout(kind);
  return fullLayout(kind).map((tensor) => {
    const { name, shape } = tensor;
    const kept = DECIDING.some((pattern) => pattern.test(name))
      ? narrowOutput(shape)
      : shape.map((side, axis) => Math.min(side, axis === 0 && JOINED.test(name) ? 3 * SLIM_SIDE : SLIM_SIDE));
    const fill = typeof tensor.fill === 'object' ? { fill: tensor.fill.slice(0, countOf(kept)) } : {};
    return { ...tensor, ...fill, shape: kept };
  });
}

/** A LoRA whose layers are as wide as those of a checkpoint, so that the two can be tried together. */
export function loraLayoutFor(
  base: 'sd1' | 'sd2' | 'sdxl',
  checkpoint: readonly LayoutTensor[],
  rank: number,
): LayoutTensor[] {
  const layers = new Map<string, LayerWidths>();
  for (const { name, shape } of checkpoint) {
    if (!name.endsWith('weight')) continue;
    if (name.startsWith(UNET)) {
      const path = name.slice(UNET.length, -'.weight'.length).replaceAll('.', '_');
      layers.set(`unet ${canonicalUnetName(path)}`, { output: shape[0] ?? 1, input: shape[1] ?? 1 });
    }
    const encoder = TEXT_ENCODERS.find(([prefix]) => name.startsWith(prefix));
    if (encoder === undefined) continue;
    const [prefix, network] = encoder;
    for (const [layer, output, input] of listTextLayers(name.slice(prefix.length), shape))
      layers.set(`${network} ${layer}`, { output, input });
  }
  return loraLayout(base, rank, (module) => {
    const { network, layer } = placeOf(module);
    return layers.get(`${network} ${layer}`);
  });
}

const SLIM_SIDE = 2;
/** A multiple of 3: some of these are queries, keys and values in one. */
const SLIM_OUTPUT = 9;
/** Queries, keys and values in one. */
const JOINED = /\.in_proj_(?:weight|bias)$/;
const SMALL = 32_768;

const DECIDING: readonly RegExp[] = [
  /input_blocks\.0\.0\.weight$/,
  /transformer_blocks\.0\.attn2\.to_k\.weight$/,
  /label_emb\.0\.0\.weight$/,
  /output_blocks\.11\.1\.transformer_blocks\.0\.norm1\.bias$/,
  /\.1\.proj_in\.weight$/,
  /coder\.conv_in\.weight$/,
  /quant_conv\.weight$/,
  /token_embedding\.weight$/,
  /position_ids$/,
  /layers\.0\.mlp\.fc1\.weight$/,
  /resblocks\.0\.attn\.in_proj_weight$/,
  /ln_final\.weight$/,
];

function narrowOutput(shape: readonly number[]): readonly number[] {
  return countOf(shape) <= SMALL ? shape : [SLIM_OUTPUT, ...shape.slice(1)];
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
