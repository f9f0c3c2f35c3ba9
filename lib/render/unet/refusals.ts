import { BASES } from '#scanner/bases/index.ts';
import type { Identity } from '#scanner/identify/index.ts';
import { explainQuantization } from '../quantization.ts';
import { RenderError } from '../types.ts';
import type { WeightFile } from '../weights/index.ts';
import { SIZE_FEATURES } from './conditioning.ts';

const DRAWN = 'The built-in renderer supports SD 1.x, 2.x and SDXL. ComfyUI can render other models.';

/** By the channels that their first layer reads. */
const OTHER_INPUTS: ReadonlyMap<number, string> = new Map([
  [5, 'This model needs a depth map, which previews do not have.'],
  [7, 'This upscaler model needs an input image, which previews do not have.'],
  [8, 'This model edits an input image by instructions, which previews do not have.'],
  [9, 'This inpainting model needs an input image, which previews do not have.'],
]);

/** By the name of the variant. */
const VARIANTS: ReadonlyMap<string, string> = new Map([
  ['unclip', 'This unCLIP model needs an input image, which previews do not have.'],
  ['alt-diffusion', `This model needs its own text encoder (AltDiffusion). ${DRAWN}`],
  ['lotus', `This model analyses images and does not create them. ${DRAWN}`],
  ['playground-v2.5', `This model uses EDM noise. ${DRAWN}`],
]);

const REFINER = 'This SDXL refiner finishes images of another model and cannot render images by itself.';

/** Refuses what names and shapes show to be another kind of model. Throws RenderError `unsupported_architecture`. */
export function refuseUnsupported(identity: Identity, network: WeightFile | undefined): asserts network {
  const reason = findReason(identity, network);
  if (reason !== undefined) throw new RenderError('unsupported_architecture', reason);
}

function findReason({ type, base, variant, prediction, precision }: Identity, network?: WeightFile) {
  if (base === 'sdxl-refiner') return REFINER;
  // Networks of other widths are of no base that is known.
  if (base !== 'unknown' && BASES[base].builtInRenderer !== true)
    return `The architecture "${base}" is not supported. ${DRAWN}`;
  // Packed weights have other shapes, from which no other reason would be right.
  const quantized = explainQuantization(precision);
  if (quantized !== null) return quantized;
  if (network === undefined)
    return `The file has no diffusion model${type === 'unknown' ? '' : `. Its type is "${type}"`}.`;
  const input = network.tensors.get('conv_in.weight')?.shape[1] ?? 4;
  if (input !== 4)
    return OTHER_INPUTS.get(input) ?? `The diffusion model has ${input} input channels instead of 4. ${DRAWN}`;
  const known = variant === null ? undefined : VARIANTS.get(variant);
  if (known !== undefined) return known;
  if (prediction === 'edm' || prediction === 'flow')
    return `The prediction type ${prediction} is not supported. ${DRAWN}`;
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
  return `The diffusion model needs an extra vector of ${vector} numbers. ${DRAWN}`;
}
