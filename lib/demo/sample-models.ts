import { buildEmbedding } from './embedding.ts';
import {
  fullLayout,
  type LayoutKind,
  type LayoutTensor,
  loraLayoutFor,
  slimLayout,
  smallCheckpoint,
} from './layouts/index.ts';
import { describeTraining } from './training-state.ts';
import {
  type PyEntry,
  specsOf,
  type TensorSpec,
  writeSafetensorsFile,
  writeTorchLegacy,
  writeTorchZip,
  xoshiro128,
} from './writers/index.ts';

/** How much of a model to write: everything, gigabytes of it, or what it is recognised by. */
export type SampleSize = 'full' | 'slim';

export interface SampleOptions {
  size?: SampleSize;
  /** Of the random numbers: another seed makes another model. */
  seed?: number;
}

export interface CheckpointOptions extends SampleOptions {
  /** Things next to the weights, after what the trainer left. */
  extras?: readonly PyEntry[];
  legacy?: boolean;
  /** For SD 2.x: whether the network predicts v, as the 768 pixel models do. */
  predictsV?: boolean;
}

function layoutOf(kind: LayoutKind, size: SampleSize = 'slim'): LayoutTensor[] {
  return size === 'full' ? fullLayout(kind) : slimLayout(kind);
}

/** Steps at which the published checkpoints were saved. */
const STEPS = { sd1: 840_000, sd2Epsilon: 220_000, sd2V: 110_000 };

type CheckpointKind = 'sd1' | 'sd1-inpaint' | 'sd2' | 'sd2-inpaint' | 'sdxl' | 'sdxl-inpaint' | 'sdxl-refiner';

/** Writes a checkpoint as a pickle, in half precision: 2.1 GB for SD 1.x in full, about 1.4 MB slim. */
export function writeCheckpoint(path: string, kind: CheckpointKind, options: CheckpointOptions = {}): void {
  const { size, seed = 1, extras = [], legacy = false, predictsV = false } = options;
  const step = kind.startsWith('sd1') ? STEPS.sd1 : predictsV ? STEPS.sd2V : STEPS.sd2Epsilon;
  const content = {
    tensors: specsOf(layoutOf(kind, size), 'F16').map((tensor) => setPrediction(tensor, predictsV)),
    wrapper: 'state_dict' as const,
    extras: [...(kind.startsWith('sdxl') ? [] : describeTraining(step)), ...extras],
    seed,
  };
  if (legacy) writeTorchLegacy(path, content);
  else writeTorchZip(path, content);
}

/** Programs tell SD 2.x's two predictions apart by how far these 320 numbers spread: more than 0.09 for v. */
const PREDICTION_TENSOR = 'model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias';

function setPrediction(tensor: TensorSpec, predictsV: boolean): TensorSpec {
  if (!predictsV || tensor.name !== PREDICTION_TENSOR) return tensor;
  const next = xoshiro128(1);
  return { ...tensor, data: Array.from({ length: tensor.shape[0] ?? 0 }, () => next() / 0x8000_0000 - 1) };
}

/** Writes a checkpoint as safetensors, with the metadata that Stability's files carry. */
export function writeSafeCheckpoint(path: string, kind: CheckpointKind, options: SampleOptions = {}): void {
  writeSafetensorsFile(path, {
    tensors: specsOf(layoutOf(kind, options.size), 'F16'),
    seed: options.seed ?? 1,
    metadata: { format: 'pt' },
  });
}

/** CLIP's table of words: the largest tensor by far, and of no account where nobody trained it. */
const WORDS = /token_embedding\.weight$/;
const SMALL_RANK = 4;

/**
 * Writes an SD 1.x checkpoint that previews can be rendered with, as a pickle: every network, narrow but for its text
 * encoder. 129 MB, most of it a table of zeros. Its numbers are random, and so are its pictures.
 */
export function writeSmallCheckpointPickle(path: string, seed = 1): void {
  const tensors = specsOf(smallCheckpoint('sd1', 'real'), 'F16').map((tensor) =>
    WORDS.test(tensor.name) ? { ...tensor, data: 'zeros' as const } : tensor,
  );
  writeTorchZip(path, { tensors, wrapper: 'state_dict', extras: describeTraining(STEPS.sd1), seed });
}

/** Writes a LoRA that fits it. */
export function writeSmallLora(path: string, name: string, seed = 1): void {
  const tensors = specsOf(loraLayoutFor('sd1', smallCheckpoint('sd1', 'real'), SMALL_RANK), 'F16');
  writeSafetensorsFile(path, { tensors, seed, metadata: describeLora('lora-sd1', SMALL_RANK, name) });
}

const KOHYA_BASES = { 'lora-sd1': 'sd_1.5', 'lora-sd2': 'sd_v2_768_v', 'lora-sdxl': 'sdxl_base_v1-0' };

/** Metadata of a LoRA as kohya's trainer writes it: every value is text. */
export function describeLora(kind: keyof typeof KOHYA_BASES, rank: number, name: string): Record<string, string> {
  return {
    ss_base_model_version: KOHYA_BASES[kind],
    ss_network_module: 'networks.lora',
    ss_network_dim: String(rank),
    ss_network_alpha: String(rank),
    ss_output_name: name,
    ss_num_epochs: '10',
    ss_learning_rate: '0.0001',
    ss_tag_frequency: JSON.stringify({ [`10_${name}`]: { [name]: 24, watercolour: 21, 'soft light': 13 } }),
  };
}

/** Writes a LoRA: as safetensors with kohya's metadata, or as a flat pickle when the name ends in `.pt`. */
export function writeLora(
  path: string,
  kind: keyof typeof KOHYA_BASES,
  name: string,
  options: SampleOptions = {},
): void {
  const layout = layoutOf(kind, options.size);
  const rank = layout.find((tensor) => tensor.name.endsWith('lora_down.weight'))?.shape[0] ?? 1;
  const tensors = specsOf(layout, 'F16');
  const seed = options.seed ?? 1;
  if (path.endsWith('.pt')) writeTorchZip(path, { tensors, seed });
  else writeSafetensorsFile(path, { tensors, seed, metadata: describeLora(kind, rank, name) });
}

/** Writes a textual inversion: a pickle for SD 1.x and 2.x, safetensors for SDXL. */
export function writeEmbedding(path: string, base: 'sd1' | 'sd2' | 'sdxl', name: string, seed = 1): void {
  const tensors = specsOf(fullLayout(`embedding-${base}`), 'F32');
  const [vectors] = tensors;
  if (base === 'sdxl' || vectors === undefined) writeSafetensorsFile(path, { tensors, seed });
  else {
    const checkpoint = base === 'sd1' ? { hash: '81761151', name: 'v1-5-pruned-emaonly' } : undefined;
    const description = { name, step: 2500, ...(checkpoint === undefined ? {} : { checkpoint }) };
    writeTorchZip(path, { object: buildEmbedding(vectors, description), seed });
  }
}

/** Writes a VAE alone, as the pickle in which they are handed around. */
export function writeVae(path: string, options: SampleOptions = {}): void {
  writeTorchZip(path, {
    tensors: specsOf(layoutOf('vae', options.size), 'F32'),
    wrapper: 'state_dict',
    seed: options.seed ?? 1,
  });
}
