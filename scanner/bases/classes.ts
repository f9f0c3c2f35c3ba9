import type { ModelType } from './model-types.ts';
import type { BaseId } from './registry.ts';

/** What the name of a class says of the weights that it loads. */
export interface ClassFacts {
  /** Base models whose weights it loads; left out where it loads those of any. */
  bases?: readonly BaseId[];
  /** What it is a class of; left out for pipelines, which are whole models. */
  types?: readonly ModelType[];
  /** Encoders: which, as identification calls them. */
  network?: RegExp;
}

/** Classes of diffusers by what their names begin with, pipelines and networks alike. The first that fits counts. */
const FAMILIES: readonly (readonly [RegExp, readonly BaseId[]])[] = [
  [
    /^(?:StableDiffusionXL|AnimateDiffSDXL|TextToVideoZeroSDXL|LEditsPPPipelineStableDiffusionXL)/,
    ['sdxl', 'sdxl-refiner'],
  ],
  [/^(?:StableDiffusion3|SD3)/, ['sd3', 'sd3.5']],
  [/^StableDiffusion(?:LatentUpscale|Upscale)/, []],
  [
    /^(?:Onnx)?StableDiffusion|^(?:AltDiffusion|AnimateDiff|LatentConsistencyModel|StableUnCLIP|SparseControlNet)/,
    ['sd1', 'sd2'],
  ],
  [/^(?:StableVideoDiffusion|UNetSpatioTemporal|AutoencoderKLTemporalDecoder)/, ['svd']],
  [/^SDXL/, ['sdxl', 'sdxl-refiner']],
  [/^StableCascade/, ['stable-cascade']],
  [/^StableAudio/, ['stable-audio']],
  [/^Kolors/, ['kolors']],
  [/^(?:TextToVideoSD|VideoToVideoSD|UNet3DCondition)/, ['text-to-video']],
  [/^I2VGenXL/, ['i2vgen-xl']],
  [/^IF(?:Pipeline|Img2Img|Inpainting|SuperResolution)/, ['deepfloyd-if']],
  [/^Flux2/, ['flux2']],
  [/^Flux3/, ['flux3']],
  [/^(?:Flux|VisualCloze)/, ['flux1']],
  [/^Chroma/, ['chroma']],
  [/^LongCatImage/, ['longcat']],
  [/^LongCatAudio/, ['longcat-audio']],
  [/^OvisImage/, ['ovis-image']],
  [/^BriaFibo/, ['bria-fibo']],
  [/^Bria/, ['bria']],
  [/^HunyuanDiT/, ['hunyuan-dit']],
  [/^HunyuanImage/, ['hunyuan-image']],
  [/^Hunyuan(?:Video|Skyreels)/, ['hunyuan-video']],
  [/^QwenImage/, ['qwen-image']],
  [/^JoyImage/, ['joy-image']],
  [/^(?:Wan|SkyReelsV2|LucyEdit|AnyFlow)/, ['wan']],
  [/^Helios/, ['helios']],
  [/^Sana(?:Video|ImageToVideo)/, ['sana-video']],
  [/^SanaWM/, []],
  [/^Sana/, ['sana']],
  [/^LTX2/, ['ltx-2']],
  [/^LTX/, ['ltx-video']],
  [/^Lumina2/, ['lumina2']],
  [/^Lumina/, ['lumina']],
  [/^ZImage/, ['z-image']],
  [/^OmniGen2/, ['omnigen2']],
  [/^OmniGen/, ['omnigen']],
  [/^PixArt/, ['pixart']],
  [/^DiT(?:Pipeline|Transformer)/, ['dit']],
  [/^Latte/, ['latte']],
  [/^Allegro/, ['allegro']],
  [/^Cosmos3/, ['cosmos3']],
  // Anima is trained from one of these, and loaded by the same class.
  [/^Cosmos/, ['cosmos', 'anima']],
  [/^CogView3/, ['cogview3']],
  [/^CogView4/, ['cogview4']],
  [/^GlmImage/, ['glm-image']],
  [/^(?:CogVideoX|ConsisID)/, ['cogvideox']],
  [/^Kandinsky3/, ['kandinsky3']],
  [/^Kandinsky5/, ['kandinsky5']],
  [/^Kandinsky6/, ['kandinsky6']],
  [/^Kandinsky/, ['kandinsky2']],
  [/^AuraFlow/, ['auraflow']],
  [/^HiDream/, ['hidream']],
  [/^Mochi/, ['mochi']],
  [/^Krea2/, ['krea2']],
  [/^Ideogram4/, ['ideogram4']],
  [/^ErnieImage/, ['ernie-image']],
  [/^PRX/, ['prx']],
  [/^NucleusMoEImage/, ['nucleus-image']],
  [/^EasyAnimate/, ['easyanimate']],
  [/^MotifVideo/, ['motif-video']],
  [/^MiniMaxH3/, ['minimax-h3']],
  [/^MiniMaxMusic3/, ['minimax-music3']],
  [/^AceStep/, ['ace-step']],
];

const WHOLE_MODELS: readonly ModelType[] = ['checkpoint', 'diffusion-model'];

/** What classes of networks are, by what their names end with. */
const PARTS: readonly (readonly [RegExp, readonly ModelType[]])[] = [
  [/ControlNet\w*Model$/, ['controlnet']],
  [/^(?:Asymmetric)?Autoencoder/, ['vae']],
  [/^(?:T2IAdapter|MultiAdapter)$/, ['t2i-adapter']],
  [/^MotionAdapter$/, ['motion-module']],
  [/Transformer\dD(?:Model)?$|Transformer\dDModel$|DiT\dDModel$|UNet\w*$/, WHOLE_MODELS],
];

/** Encoders of transformers by the class, or by `model_type` where a configuration has no class. */
const ENCODERS: readonly (readonly [RegExp, ClassFacts])[] = [
  [/^(?:CLIPText|clip_text)/, { types: ['text-encoder'], network: /^(?:open)?clip-(?!vision)/ }],
  [/^(?:CLIPVision|clip_vision)/, { types: ['image-encoder'], network: /^(?:open)?clip-vision/ }],
  [/^(?:Siglip|siglip)/, { types: ['image-encoder'], network: /^siglip/ }],
  [/^(?:Dinov2|dinov2)/, { types: ['image-encoder'], network: /^dinov2/ }],
  [/^(?:UMT5|umt5)/, { types: ['text-encoder'], network: /^(?:umt5|pile-t5)/ }],
  [/^(?:MT5|mt5)/, { types: ['text-encoder'], network: /^mt5/ }],
  [/^(?:T5|t5)/, { types: ['text-encoder'], network: /^(?:t5|byt5)/ }],
  [/^(?:Llama|llama)/, { types: ['text-encoder'], network: /^llama/ }],
  [/^(?:Qwen2|qwen2)/, { types: ['text-encoder'], network: /^qwen2/ }],
  [/^(?:Qwen3|qwen3)/, { types: ['text-encoder'], network: /^qwen3/ }],
  [/^(?:Gemma3|gemma3)/, { types: ['text-encoder'], network: /^gemma-3/ }],
  [/^(?:Gemma2|gemma2)/, { types: ['text-encoder'], network: /^gemma-2-/ }],
  [/^(?:Gemma|gemma)(?![\dA-Za-z]*\d)/, { types: ['text-encoder'], network: /^gemma-2b/ }],
  [/^(?:Mistral|mistral)/, { types: ['text-encoder'], network: /^mistral/ }],
];

/** nunchaku's classes stand in the place of those of diffusers, and have their names behind this. */
const NUNCHAKU = 'Nunchaku';

/** `FluxTransformer2DModel` for `NunchakuFluxTransformer2dModel` and `NunchakuFluxTransformer2DModelV2`. */
function replacedClass(name: string): string {
  return name
    .slice(NUNCHAKU.length)
    .replace(/V\d+$/, '')
    .replace(/(\d)dModel$/, '$1DModel');
}

/** Letters of a class's name. */
const MAX_NAME = 100;

/** What a class of diffusers, transformers or nunchaku, or a `model_type`, says; undefined for those that are not known. */
export function factsOfClass(given: string): ClassFacts | undefined {
  if (given.length > MAX_NAME || !/^[A-Za-z]\w*$/.test(given)) return undefined;
  const name = given.startsWith(NUNCHAKU) ? replacedClass(given) : given;
  const encoder = ENCODERS.find(([pattern]) => pattern.test(name))?.[1];
  if (encoder !== undefined) return encoder;
  const types = PARTS.find(([pattern]) => pattern.test(name))?.[1];
  // `AutoencoderKLWan`, and not `AutoencoderKL`, which loads the VAE of many bases.
  const isVae = types?.includes('vae') === true;
  const own = FAMILIES.find(([pattern]) => pattern.test(name));
  const named = own ?? FAMILIES.find(([pattern]) => isVae && pattern.test(name.replace(/^Autoencoder(?:KL)?/, '')));
  const bases = named?.[1] ?? [];
  if (types === undefined && (bases.length === 0 || !name.includes('Pipeline'))) return undefined;
  return { ...(bases.length === 0 ? {} : { bases }), types: types ?? WHOLE_MODELS };
}
