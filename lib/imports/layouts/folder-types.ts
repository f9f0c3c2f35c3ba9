import type { ModelType } from '#lib/catalog/client.ts';

/**
 * Folders in which programs keep models of one type. `null`: models that the catalog has no type for (face restoration,
 * segmentation and others), so that folders in there say nothing more. Names are normalised by `normalise`.
 */
const FOLDERS = new Map<string, ModelType | null>();

function add(type: ModelType | null, names: string): void {
  for (const name of names.trim().split(/\s+/)) FOLDERS.set(name, type);
}

// A1111, Forge, Stability Matrix and SwarmUI write Stable-diffusion in three ways; InvokeAI writes `main`.
add('checkpoint', 'stablediffusion checkpoint ckpt diffuser main');
add('diffusion-model', 'unet diffusionmodel unetgguf');
add('lora', 'lora lycori locon loha dora');
add('vae', 'vae');
add('embedding', 'embedding textualinversion');
add('hypernetwork', 'hypernetwork');
add('controlnet', 'controlnet controllora');
add('t2i-adapter', 't2iadapter');
add('ip-adapter', 'ipadapter ipadapters15 ipadaptersxl ipadapterflux');
add('motion-module', 'animatediffmodel motionmodule animatediff');
add(
  'upscaler',
  'esrgan realesrgan bsrgan swinir scunet ldsr dat upscalemodel upscaler latentupscalemodel hat spandrel',
);
add(
  'text-encoder',
  'textencoder clip clipembed t5encoder t5 qwen3encoder qwenvlencoder qwen3vlencoder mistralencoder want5encoder gemma2encoder',
);
add('image-encoder', 'clipvision siglip');
add(
  null,
  `gfpgan codeformer facerestoremodel facedetection insightface sam ultralytic adetailer afterdetailer gligen stylemodel
  photomaker vaeapprox approxvae karlo deepdanbooru promptexpansion audioencoder modelpatche
  backgroundremoval rembg animatediffmotionlora svd blip classifier detection onnx llm fluxredux
  llavaonevision textllm frameinterpolation geometryestimation opticalflow tensorrt`,
);

/** Folders that only hold others, or name a base and no subject: they are no tags. */
const STRUCTURE = new Set(['model', 'data', 'autoimport', 'any', 'sharedmodel', 'library', 'snapshot', 'core']);

/** `Stable-Diffusion`, `StableDiffusion` and `stable_diffusion` are one; so are `Lora` and `loras`. */
function normalise(name: string): string {
  return name
    .toLowerCase()
    .replace(/[\s_-]+/g, '')
    .replace(/s$/, '');
}

/** The type that a folder's name promises; null where it is another kind of models; undefined where it says nothing. */
export function typeOfFolder(name: string): ModelType | null | undefined {
  return FOLDERS.get(normalise(name));
}

/** True for names that programs give to folders: no subject of the models in them. */
export function isStructure(name: string): boolean {
  return STRUCTURE.has(normalise(name)) || isKey(name);
}

/** InvokeAI's folders of one model each, and revisions of Hugging Face. */
export function isKey(name: string): boolean {
  return /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(name) || /^[0-9a-f]{40}$/.test(name);
}
