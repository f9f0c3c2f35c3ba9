import { canonicalUnetName } from '#scanner/identify/index.ts';
import type { Weight, WeightFile } from '../weights/index.ts';

const PREFIXES = ['model.diffusion_model.', 'diffusion_model.', 'unet.', ''];
/** Where the network is, one of each is, in the naming of original checkpoints or of diffusers. */
const FIRST_LAYERS = ['input_blocks.0.0.weight', 'conv_in.weight'];
const LAST_LAYERS = ['out.2.weight', 'conv_out.weight'];
const TIME_LAYERS = ['time_embed.0.weight', 'time_embedding.linear_1.weight'];

/**
 * The denoising network of a file under the names that diffusers has for its tensors, whichever the file has. Each weight
 * keeps the file's name for itself. Undefined where there is no such network.
 */
export function findNetwork(file: WeightFile): WeightFile | undefined {
  const has = (prefix: string, names: readonly string[]) => names.some((name) => file.tensors.has(prefix + name));
  const prefix = PREFIXES.find((text) => [FIRST_LAYERS, LAST_LAYERS, TIME_LAYERS].every((names) => has(text, names)));
  if (prefix === undefined) return undefined;
  const tensors = new Map<string, Weight>();
  for (const [name, weight] of file.tensors) {
    const dot = name.lastIndexOf('.');
    if (!name.startsWith(prefix) || dot < prefix.length) continue;
    tensors.set(diffusersName(name.slice(prefix.length, dot)) + name.slice(dot), weight);
  }
  return { ...file, tensors };
}

/** Words of the names of modules that have an underscore in them. */
const WORDS =
  /(?:down|up|transformer)_blocks|mid_block|time_emb(?:edding|_proj)|add_embedding|class_embedding|conv_(?:in|out|norm_out|shortcut)|linear_\d|proj_(?:in|out)|to_(?:q|k|v|out)|[^_]+/g;

/** `down_blocks.1.attentions.0.proj_in` of the same, or of `input_blocks.4.1.proj_in`. */
export function diffusersName(module: string): string {
  return (canonicalUnetName(module.replaceAll('.', '_')).match(WORDS) ?? []).join('.');
}
