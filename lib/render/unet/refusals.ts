import type { Identity } from '#scanner/identify/index.ts';
import { RenderError } from '../types.ts';
import type { WeightFile } from '../weights/index.ts';
import { SIZE_FEATURES } from './conditioning.ts';

const DRAWN = 'This engine draws SD 1.x, 2.x and SDXL. ComfyUI can be set up for others.';

/** Bases that are drawn; `unknown` are networks of other widths. */
const BASES: ReadonlySet<string> = new Set(['sd1', 'sd2', 'sdxl', 'unknown']);

/** By the channels that their first layer reads. */
const OTHER_INPUTS: ReadonlyMap<number, string> = new Map([
  [5, 'This model needs a depth map beside the prompt, and a preview has none.'],
  [7, 'This model enlarges a picture, and a preview has none to begin with.'],
  [8, 'This model changes a picture by instructions, and a preview has none to begin with.'],
  [9, 'This is an inpainting model: it fills gaps in a picture, and a preview has none to begin with.'],
]);

/** By the name of the variant. */
const VARIANTS: ReadonlyMap<string, string> = new Map([
  ['unclip', 'This model starts from another picture (unCLIP), and a preview has none to begin with.'],
  ['alt-diffusion', `This model reads prompts with a text encoder of its own (AltDiffusion). ${DRAWN}`],
  ['lotus', `This model measures pictures and draws none. ${DRAWN}`],
  ['playground-v2.5', `This model was trained with another kind of noise (EDM). ${DRAWN}`],
]);

const REFINER = 'This is an SDXL refiner: it finishes pictures of another model and draws none alone.';

/** Refuses what names and shapes show to be another kind of model. Throws RenderError `unsupported_architecture`. */
export function refuseOthers(identity: Identity, network: WeightFile | undefined): asserts network {
  const reason = findReason(identity, network);
  if (reason !== undefined) throw new RenderError('unsupported_architecture', reason);
}

function findReason({ type, base, variant, prediction, precision }: Identity, network?: WeightFile) {
  if (base === 'sdxl-refiner') return REFINER;
  if (!BASES.has(base)) return `The model's network is of the kind "${base}". ${DRAWN}`;
  if (network === undefined)
    return `There is no denoising network in the file${type === 'unknown' ? '' : `, which is of type "${type}"`}.`;
  const input = network.tensors.get('conv_in.weight')?.shape[1] ?? 4;
  if (input !== 4) return OTHER_INPUTS.get(input) ?? `The model's network reads ${input} channels and not 4. ${DRAWN}`;
  const known = variant === null ? undefined : VARIANTS.get(variant);
  if (known !== undefined) return known;
  if (prediction === 'edm' || prediction === 'flow')
    return `This model was trained with another kind of noise (${prediction}). ${DRAWN}`;
  if (precision.includes('scaled'))
    return 'Each tensor of this model comes with a scale of its own, which the engine does not apply. Convert the model to fp16 first.';
  return findReasonInVector(network);
}

/** The extra vector of networks of any width. */
function findReasonInVector({ tensors }: WeightFile): string | undefined {
  if (tensors.has('class_embedding.linear_1.weight')) return VARIANTS.get('unclip');
  const vector = tensors.get('add_embedding.linear_1.weight')?.shape[1];
  if (vector === undefined) return undefined;
  const context = tensors.get('mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight')?.shape[1];
  // A refiner has one size fewer, and the pooled text is as wide as the rest of the text.
  if (context !== undefined && vector === context + (SIZE_FEATURES / 6) * 5) return REFINER;
  if (vector > SIZE_FEATURES) return undefined;
  return `The model's network takes a vector of ${vector} numbers beside the text. ${DRAWN}`;
}
