import { rowMajorStride, type Tensor } from '../tensors/index.ts';
import { MergeError } from './errors.ts';
import { countOf, isRowMajor } from './number-reader.ts';
import { type OpenModel, quote } from './open-models.ts';
import { copyOf, emptyPlan, type Plan, type PlannedTensor } from './plan.ts';

/** What checkpoints call their autoencoder. */
const OWN = 'first_stage_model.';
const PREFIXES = [OWN, 'vae.'];
/** Weights of the autoencoder's training, which none needs. */
const TRAINING = /^(?:loss\.|model_ema\.)/;

/** A checkpoint as it is, for `bakeVae` to change. */
export function copyAll(host: OpenModel): Plan {
  return { ...emptyPlan(), tensors: host.table.tensors.map((tensor) => copyOf(host, tensor)) };
}

/**
 * Puts the autoencoder of `vae` in the place of the one that `plan` has. Throws MergeError where it lacks a tensor or has
 * one of another shape: it would be of another base.
 */
export function bakeVae(plan: Plan, host: OpenModel, vae: OpenModel): void {
  const replacing = tensorsOf(vae);
  const prefix = plan.tensors.some(({ name }) => name.startsWith('vae.')) ? 'vae.' : OWN;
  const rest = plan.tensors.filter(({ name }) => !name.startsWith(prefix));
  const old = plan.tensors.filter(({ name }) => name.startsWith(prefix));
  for (const { name, like } of old) {
    const short = name.slice(prefix.length);
    const own = replacing.get(short);
    if (TRAINING.test(short)) continue;
    if (own === undefined || countOf(own.shape) !== countOf(like.shape)) {
      throw new MergeError(
        'other-base',
        `The VAE of ${quote(vae.model)} (${vae.identity.base}) does not match ${quote(host.model)} (${host.identity.base}): its "${short}" ${own === undefined ? 'is missing' : 'has a different shape'}.`,
      );
    }
  }
  const shapes = new Map(old.map(({ name, like }) => [name, like]));
  const added = [...replacing].map(([short, tensor]): PlannedTensor => {
    const name = prefix + short;
    const before = shapes.get(name);
    // Some files keep 1×1 convolutions as plain matrices; the checkpoint's own shape stays.
    const like = before !== undefined && isRowMajor(tensor) ? reshape(tensor, before.shape) : tensor;
    return { ...copyOf(vae, like), name, dtype: before?.dtype ?? tensor.dtype };
  });
  plan.tensors = [...rest, ...added];
  plan.unmerged = plan.unmerged.filter(({ name }) => !name.startsWith(prefix));
}

/** The tensors of an autoencoder by their names without prefix. */
function tensorsOf({ model, table }: OpenModel): Map<string, Tensor> {
  const prefix = PREFIXES.find((one) => table.tensors.some(({ name }) => name.startsWith(one))) ?? '';
  const own = table.tensors.flatMap((tensor): [string, Tensor][] => {
    if (!tensor.name.startsWith(prefix)) return [];
    const name = tensor.name.slice(prefix.length);
    return TRAINING.test(name) ? [] : [[name, tensor]];
  });
  if (!own.some(([name]) => name === 'decoder.conv_in.weight')) {
    throw new MergeError('nothing-to-merge', `${quote(model)} has no VAE.`);
  }
  if (own.some(([name]) => name.startsWith('decoder.up_blocks.'))) {
    throw new MergeError(
      'unsupported',
      `The VAE in ${quote(model)} uses diffusers tensor names. Use a separate VAE file, or a checkpoint with LDM tensor names.`,
    );
  }
  return new Map(own);
}

function reshape(tensor: Tensor, shape: readonly number[]): Tensor {
  return { ...tensor, shape, storage: { ...tensor.storage, stride: rowMajorStride(shape) } };
}
