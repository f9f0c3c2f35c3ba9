import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What a node hands on: enough to tell pictures apart, and for tests to see what was asked for. */
export type Value = Record<string, unknown>;

export interface ComfyNode {
  /** As `GET /object_info` has it: `[type, options]`, or `[[…choices], options]`. */
  required: Record<string, readonly [type: string | readonly string[], options?: Record<string, unknown>]>;
  outputs: readonly string[];
  isOutput?: boolean;
  run(inputs: Record<string, unknown>): Value[];
}

/** An error as torch or a loader throws it. */
export class NodeError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

const SAMPLERS = ['euler', 'euler_ancestral', 'dpmpp_2m', 'ddim', 'lcm', 'res_multistep', 'uni_pc'];
const SCHEDULERS = ['normal', 'karras', 'exponential', 'sgm_uniform', 'simple', 'ddim_uniform', 'beta'];
const SIZE = ['INT', { default: 512, min: 16, max: 16384, step: 8 }] as const;
const STRENGTH = ['FLOAT', { default: 1, min: -100, max: 100, step: 0.01 }] as const;
const TEXT = ['STRING', { multiline: true }] as const;

/** Files of a folder and those below it, by names relative to it, with the server's separator. */
export function listFolder(models: string, folder: string, separator: string): string[] {
  const root = join(models, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && one.name.endsWith('.safetensors'))
    .map((one) => relative(root, join(one.parentPath, one.name)).replaceAll('/', separator))
    .sort();
}

/**
 * The nodes of ComfyUI that Weighhouse's workflows use, with the inputs, types and limits of nodes.py and comfy_extras.
 * Lists of files are read from `models` at each call, as the real one does.
 */
export function comfyNodes(models: string, separator: string): Record<string, ComfyNode> {
  const list = (folder: string) => listFolder(models, folder, separator);
  const load = (folder: string, name: unknown) => digestModel(join(models, folder, String(name).replaceAll('\\', '/')));
  const encoders = list('text_encoders');
  const latent = (channels: number): ComfyNode => ({
    required: { width: SIZE, height: SIZE, batch_size: ['INT', { min: 1, max: 4096 }] },
    outputs: ['LATENT'],
    run: ({ width, height }) => [{ width, height, channels }],
  });
  const shift: ComfyNode = {
    required: { model: ['MODEL'], shift: ['FLOAT', { min: 0, max: 100 }] },
    outputs: ['MODEL'],
    run: ({ model, shift: by }) => [{ ...(model as Value), shift: by }],
  };
  const clipOf = (...names: unknown[]) => ({ files: names.map((name) => load('text_encoders', name)), loras: [] });

  return {
    CheckpointLoaderSimple: {
      required: { ckpt_name: [list('checkpoints')] },
      outputs: ['MODEL', 'CLIP', 'VAE'],
      run({ ckpt_name }) {
        const file = load('checkpoints', ckpt_name);
        return [{ file, loras: [] }, { files: [file], loras: [] }, { file }];
      },
    },
    UNETLoader: {
      required: { unet_name: [list('diffusion_models')], weight_dtype: [['default', 'fp8_e4m3fn']] },
      outputs: ['MODEL'],
      run: ({ unet_name }) => [{ file: load('diffusion_models', unet_name), loras: [] }],
    },
    CLIPLoader: {
      required: {
        clip_name: [encoders],
        type: [['stable_diffusion', 'sd3', 'chroma', 'qwen_image', 'lumina2', 'krea2']],
      },
      outputs: ['CLIP'],
      run: ({ clip_name, type }) => [{ ...clipOf(clip_name), type }],
    },
    DualCLIPLoader: {
      required: { clip_name1: [encoders], clip_name2: [encoders], type: [['sdxl', 'sd3', 'flux']] },
      outputs: ['CLIP'],
      run: ({ clip_name1, clip_name2, type }) => [{ ...clipOf(clip_name1, clip_name2), type }],
    },
    TripleCLIPLoader: {
      // As nodes of the newer kind describe their lists.
      required: Object.fromEntries([1, 2, 3].map((n) => [`clip_name${n}`, ['COMBO', { options: encoders }]] as const)),
      outputs: ['CLIP'],
      run: ({ clip_name1, clip_name2, clip_name3 }) => [clipOf(clip_name1, clip_name2, clip_name3)],
    },
    VAELoader: {
      required: { vae_name: [list('vae')] },
      outputs: ['VAE'],
      run: ({ vae_name }) => [{ file: load('vae', vae_name) }],
    },
    LoraLoader: {
      required: {
        model: ['MODEL'],
        clip: ['CLIP'],
        lora_name: [list('loras')],
        strength_model: STRENGTH,
        strength_clip: STRENGTH,
      },
      outputs: ['MODEL', 'CLIP'],
      run({ model, clip, lora_name, strength_model, strength_clip }) {
        const file = load('loras', lora_name);
        const patched = (one: unknown, strength: unknown) => {
          const value = one as Value;
          return strength === 0 ? value : { ...value, loras: [...(value.loras as unknown[]), { file, strength }] };
        };
        return [patched(model, strength_model), patched(clip, strength_clip)];
      },
    },
    CLIPSetLastLayer: {
      required: { clip: ['CLIP'], stop_at_clip_layer: ['INT', { min: -24, max: -1 }] },
      outputs: ['CLIP'],
      run: ({ clip, stop_at_clip_layer }) => [{ ...(clip as Value), layer: stop_at_clip_layer }],
    },
    CLIPTextEncode: {
      required: { text: TEXT, clip: ['CLIP'] },
      outputs: ['CONDITIONING'],
      run({ text, clip }) {
        const names = [...String(text).matchAll(/(?:^|[\s(])embedding:([^\s:)]+)/g)].map((match) => match[1]);
        const embeddings = names.map((name) => load('embeddings', `${name}.safetensors`));
        return [{ texts: [text], clip, embeddings }];
      },
    },
    ConditioningConcat: {
      required: { conditioning_to: ['CONDITIONING'], conditioning_from: ['CONDITIONING'] },
      outputs: ['CONDITIONING'],
      run({ conditioning_to, conditioning_from }) {
        const [to, from] = [conditioning_to as Value, conditioning_from as Value];
        return [{ ...to, texts: [...(to.texts as string[]), ...(from.texts as string[])] }];
      },
    },
    FluxGuidance: {
      required: { conditioning: ['CONDITIONING'], guidance: ['FLOAT', { min: 0, max: 100 }] },
      outputs: ['CONDITIONING'],
      run: ({ conditioning, guidance }) => [{ ...(conditioning as Value), guidance }],
    },
    ModelSamplingDiscrete: {
      required: {
        model: ['MODEL'],
        sampling: [['eps', 'v_prediction', 'lcm', 'x0', 'img_to_img']],
        zsnr: ['BOOLEAN', { default: false }],
      },
      outputs: ['MODEL'],
      run: ({ model, sampling, zsnr }) => [{ ...(model as Value), sampling, zsnr }],
    },
    ModelSamplingSD3: shift,
    ModelSamplingAuraFlow: shift,
    EmptyLatentImage: latent(4),
    EmptySD3LatentImage: latent(16),
    KSampler: {
      required: {
        model: ['MODEL'],
        seed: ['INT', { min: 0, max: 2 ** 64 }],
        steps: ['INT', { min: 1, max: 10_000 }],
        cfg: ['FLOAT', { min: 0, max: 100 }],
        sampler_name: [SAMPLERS],
        scheduler: [SCHEDULERS],
        positive: ['CONDITIONING'],
        negative: ['CONDITIONING'],
        latent_image: ['LATENT'],
        denoise: ['FLOAT', { min: 0, max: 1 }],
      },
      outputs: ['LATENT'],
      run: (inputs) => [inputs],
    },
    VAEDecode: {
      required: { samples: ['LATENT'], vae: ['VAE'] },
      outputs: ['IMAGE'],
      run: ({ samples, vae }) => [{ ...(samples as Value), vae }],
    },
    PreviewImage: { required: { images: ['IMAGE'] }, outputs: [], isOutput: true, run: () => [] },
  };
}

/** A file's SHA-256. Throws as ComfyUI's loader does where it is no safetensors. */
function digestModel(path: string): string {
  if (!existsSync(path)) throw new NodeError('FileNotFoundError', `No such file or directory: ${path}`);
  const bytes = readFileSync(path);
  const isSound = bytes.length > 8 && bytes[8] === 0x7b && bytes.readBigUInt64LE(0) <= BigInt(bytes.length - 8);
  if (!isSound)
    throw new NodeError('safetensors_rust.SafetensorError', 'Error while deserializing header: HeaderTooLarge');
  return createHash('sha256').update(bytes).digest('hex');
}
