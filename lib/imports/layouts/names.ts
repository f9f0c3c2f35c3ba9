import { withoutModelEnding } from '#scanner/model-files.ts';
import { typeOfFolder } from './folder-types.ts';

/** Names that diffusers, transformers and trainers give to every file of weights: the folder says which one it is. */
const GENERIC =
  /^(?:diffusion_pytorch_model|(?:open_clip_)?pytorch_model|pytorch_lora_weights|adapter_model|learned_embeds|model)(?:[._-](?:fp16|fp32|bf16|fp8|ema|non_ema))*$/i;
/** Folders of components: they say which part, and the folder above says of what. */
const COMPONENT =
  /^(?:unet|transformer|prior|decoder|vae|vae_1_0|text_encoder(?:_\d)?|image_encoder|safety_checker|adapter)(?:_\d)?$/i;

export function isGenericName(filename: string): boolean {
  return GENERIC.test(withoutModelEnding(filename));
}

/** The name that a folder gives to the model in it: its own, behind that of the folder above where it names a part alone. */
export function nameOfFolder(name: string, above: string, isRepository: boolean): string {
  const isPart = isRepository || COMPONENT.test(name) || typeOfFolder(name) !== undefined;
  return above !== '' && isPart ? `${above} ${name}` : name;
}

/** `models--org--name`, as Hugging Face's cache names the folder of a repository; null for any other. */
export function repositoryName(folder: string): string | null {
  return /^models--(?:.+?--)?(.+)$/.exec(folder)?.[1] ?? null;
}
