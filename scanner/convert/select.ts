import { type Dtype, isBlockType, isQuantisedType, type Tensor, type TensorTable } from '../tensors/index.ts';
import { isUnpackable } from './dequantise.ts';
import { ConversionError } from './errors.ts';
import { isCastable, type TargetDtype } from './float-formats.ts';

/** A part of a checkpoint: its denoising network, its autoencoder, its text encoders. */
export type Component = 'unet' | 'vae' | 'te';

/** Which tensors of a source are written, and as what. Everything, unchanged, where nothing is said. */
export interface Selection {
  /** Floating-point tensors become this type; whole numbers stay what they are. Blocks of GGUF become F16 and torch's quantized types F32 where nothing is said. */
  dtype?: TargetDtype | undefined;
  /** `drop` leaves the averaged weights of the training (`model_ema.*`) out, `use` writes them instead of the plain ones. */
  ema?: 'keep' | 'drop' | 'use' | undefined;
  /** One part alone, under the names that it has as a file of its own. */
  only?: Component | undefined;
  /** Leaves out what training alone needs: averaged weights, noise schedules, optimizer and loss tensors. */
  stripTraining?: boolean | undefined;
  /** Leaves out tensors that cannot be written, each with its reason, where otherwise the file is refused. */
  skipUnsupported?: boolean | undefined;
}

/** A tensor as it is to be written. Its shape is that of its source. */
export interface OutputTensor {
  name: string;
  dtype: Dtype;
  source: Tensor;
}

/**
 * Why a tensor of the source is not in the target. `ema-used`: its averaged weights stand in its place. `unsupported`: it
 * cannot be written, and `why` says so in a sentence.
 */
export type LeftOutReason = 'ema' | 'ema-used' | 'training' | 'other-part' | 'unsupported';

export interface LeftOut {
  name: string;
  reason: LeftOutReason;
  why?: string;
}

/** What blocks of GGUF become where nothing is said: programs compute with them in half precision. */
const UNPACKED: TargetDtype = 'F16';

const EMA_PREFIX = 'model_ema.';
const PARTS: Readonly<Record<Component, { prefixes: readonly string[]; what: string }>> = {
  unet: { prefixes: ['model.diffusion_model.'], what: 'UNet or transformer (model.diffusion_model.*)' },
  vae: { prefixes: ['first_stage_model.', 'vae.'], what: 'VAE (first_stage_model.*)' },
  te: { prefixes: ['cond_stage_model.', 'conditioner.', 'text_encoders.'], what: 'text encoder (cond_stage_model.*)' },
};

/** What one text encoder's names begin with; removed where the part has a single encoder. */
const ENCODER =
  /^(?:cond_stage_model\.(?:transformer|model)\.|conditioner\.embedders\.\d+\.(?:transformer|model)\.|text_encoders\.\w+\.(?:transformer\.)?)/;

/** Buffers of the noise schedule (CompVis `ddpm.py`, `register_schedule`): every program computes its own. */
const SCHEDULE = new Set([
  'betas',
  'alphas_cumprod',
  'alphas_cumprod_prev',
  'sqrt_alphas_cumprod',
  'sqrt_one_minus_alphas_cumprod',
  'log_one_minus_alphas_cumprod',
  'sqrt_recip_alphas_cumprod',
  'sqrt_recipm1_alphas_cumprod',
  'posterior_variance',
  'posterior_log_variance_clipped',
  'posterior_mean_coef1',
  'posterior_mean_coef2',
  'logvar',
  'lvlb_weights',
]);
const TRAINING_PREFIX = /^(?:(?:first_stage_model\.)?loss\.|optimizers?[._]|lr_schedulers?[._])/;

/**
 * Chooses the tensors to write. Throws ConversionError where a tensor that is wanted cannot be written, where there are
 * no averaged weights to use, where nothing is left, and of a file that has some of a model's tensors alone.
 */
export function selectTensors(
  whole: TensorTable,
  selection: Selection,
): { tensors: OutputTensor[]; leftOut: LeftOut[] } {
  checkIsWhole(whole);
  const table = withoutBlocks(whole);
  const averaged = selection.ema === 'use' ? findAveraged(table.tensors) : new Map<string, Tensor>();
  const leftOut = listRefused(table, selection, averaged);
  const used = new Set(averaged.values());
  const chosen: OutputTensor[] = [];
  for (const tensor of table.tensors) {
    const { name } = tensor;
    const reason = leftOutReason(name, selection);
    if (reason !== null) {
      // Averaged weights that take the place of others are not left out.
      if (!used.has(tensor)) leftOut.push({ name, reason });
      continue;
    }
    const better = averaged.get(name);
    if (better !== undefined) leftOut.push({ name, reason: 'ema-used' });
    const source = better ?? tensor;
    chosen.push({ name, dtype: castOf(source.dtype, selection.dtype), source });
  }

  if (chosen.length === 0) {
    const message =
      selection.only === undefined || table.tensors.length === 0
        ? 'The file contains no tensors.'
        : `The file has no ${PARTS[selection.only].what}.`;
    throw new ConversionError('no-tensors', message);
  }
  return { tensors: selection.only === undefined ? chosen : renamePart(chosen, selection.only), leftOut };
}

function leftOutReason(name: string, { ema = 'keep', only, stripTraining = false }: Selection): LeftOutReason | null {
  if (name.startsWith(EMA_PREFIX)) {
    if (ema !== 'keep') return 'ema';
    if (stripTraining) return 'training';
    return only === undefined ? null : 'other-part';
  }
  if (stripTraining && (SCHEDULE.has(name) || TRAINING_PREFIX.test(name))) return 'training';
  if (only !== undefined && !PARTS[only].prefixes.some((prefix) => name.startsWith(prefix))) return 'other-part';
  return null;
}

/** Averaged weights by the name of the plain ones: `model.a.b` has its own under `model_ema.ab`. */
function findAveraged(tensors: readonly Tensor[]): Map<string, Tensor> {
  const averaged = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const found = new Map<string, Tensor>();
  for (const { name, shape } of tensors) {
    if (!name.startsWith('model.')) continue;
    const own = averaged.get(EMA_PREFIX + name.slice('model.'.length).replaceAll('.', ''));
    if (own === undefined) continue;
    if (own.shape.length !== shape.length || own.shape.some((size, axis) => size !== shape[axis])) {
      throw new ConversionError('no-ema', `The EMA weights of "${name}" have a different shape.`);
    }
    found.set(name, own);
  }
  if (found.size === 0) {
    throw new ConversionError('no-ema', 'The file has no EMA weights (model_ema.*).');
  }
  return found;
}

/** Blocks of GGUF have no place in other files as they are, and some cannot be unpacked. */
function withoutBlocks(table: TensorTable): TensorTable {
  const refused = table.tensors.flatMap(({ name, dtype, storage }) => {
    if (!isBlockType(dtype)) return [];
    if (!isUnpackable(dtype)) return [{ name, reason: `Its data type (${dtype}) cannot be unpacked.` }];
    return storage.bigEndian ? [{ name, reason: `Its data (${dtype}) is big-endian.` }] : [];
  });
  if (refused.length === 0) return table;
  const names = new Set(refused.map(({ name }) => name));
  const tensors = table.tensors.filter(({ name }) => !names.has(name));
  return { ...table, tensors, refused: [...table.refused, ...refused] };
}

/** More of them are counted, and not named. */
const MAX_NAMED = 5;

/** Tensors that are wanted and cannot be written. Throws where they are not to be left out. */
function listRefused(table: TensorTable, selection: Selection, averaged: ReadonlyMap<string, Tensor>): LeftOut[] {
  const wanted = table.refused.filter(({ name }) => leftOutReason(name, selection) === null && !averaged.has(name));
  const [refused, ...others] = wanted;
  if (refused === undefined) return [];
  if (selection.skipUnsupported === true)
    return wanted.map(({ name, reason }) => ({ name, reason: 'unsupported', why: reason }));
  const named = others.slice(0, MAX_NAMED).map(({ name }) => `"${name}"`);
  const more = others.length > MAX_NAMED ? ', …' : '';
  const rest =
    others.length === 0 ? '' : ` ${others.length} more cannot be converted either: ${named.join(', ')}${more}.`;
  throw new ConversionError(
    'tensor-refused',
    `The tensor "${refused.name}" cannot be converted: ${refused.reason}${rest}`,
  );
}

function castOf(dtype: Dtype, wanted: TargetDtype | undefined): Dtype {
  if (isBlockType(dtype)) return wanted ?? UNPACKED;
  // What torch makes of them.
  if (isQuantisedType(dtype)) return wanted ?? 'F32';
  return wanted !== undefined && isCastable(dtype) ? wanted : dtype;
}

/** Takes off what the names of a part begin with: as a file of its own it goes without. Several encoders keep theirs. */
function renamePart(tensors: OutputTensor[], part: Component): OutputTensor[] {
  const prefixOf = (name: string) =>
    part === 'te' ? ENCODER.exec(name)?.[0] : PARTS[part].prefixes.find((prefix) => name.startsWith(prefix));
  const [first] = tensors;
  const prefix = prefixOf(first?.name ?? '');
  if (prefix === undefined || tensors.some(({ name }) => !name.startsWith(prefix))) return tensors;
  return tensors.map((tensor) => ({ ...tensor, name: tensor.name.slice(prefix.length) }));
}

/**
 * llama.cpp's `gguf-split` numbers the files of a model in their metadata (`split.no` from 0, `split.count`): what is made of
 * one of them would look like a whole model.
 */
function checkIsWhole({ metadata }: TensorTable): void {
  const count = Number(metadata.get('split.count') ?? 1);
  if (count <= 1) return;
  const number = Number(metadata.get('split.no') ?? Number.NaN) + 1;
  const which = Number.isNaN(number) ? 'one' : `file ${number}`;
  throw new ConversionError(
    'part-of-model',
    `It is ${which} of ${count} of a GGUF model in several files. Join them first: llama-gguf-split --merge FIRST_FILE OUTPUT.`,
  );
}
