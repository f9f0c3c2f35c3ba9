/** Where a network runs. `webgpu` is any GPU with Vulkan, Metal or Direct3D 12. */
export const PROVIDERS = ['cuda', 'webgpu', 'coreml', 'dml', 'cpu'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** Samplers by the names under which the field knows them. */
export const SAMPLERS = ['Euler', 'Euler a', 'DPM++ 2M', 'DPM++ 2M Karras', 'DDIM', 'LCM'] as const;
export type Sampler = (typeof SAMPLERS)[number];

/** What the denoising network was trained to predict. */
export type PredictionType = 'epsilon' | 'v';

/** A safetensors file with weights. */
export interface ModelFileRef {
  /** Absolute path. */
  path: string;
  /** What people call it: the file's name without its ending. */
  name: string;
}

export interface EmbeddingRef extends ModelFileRef {
  /** The word of the prompt that stands for its vectors. */
  token: string;
}

/** One picture. */
export interface TileRequest {
  prompt: string;
  negativePrompt: string;
  /** Of the noise: a whole number from 0 to 2^53 - 1. */
  seed: number;
  steps: number;
  sampler: Sampler;
  /** Guidance; 1 leaves the negative prompt out. */
  cfgScale: number;
  /** Pixels; multiples of 8. */
  width: number;
  height: number;
  /** 1 takes the last layer of the text encoder, 2 the one before. */
  clipSkip: number;
  /** For each LoRA of the request, in its order; one number for all networks, or one each. */
  loraWeights: readonly (number | { unet: number; text: number })[];
  /** False renders with the checkpoint's own VAE where the request names another. */
  usesGivenVae?: boolean;
}

/** Pictures that share a checkpoint and what is applied on it: it is loaded once. */
export interface RenderRequest {
  checkpoint: ModelFileRef;
  /** In place of the checkpoint's own. */
  vae?: ModelFileRef;
  loras: readonly ModelFileRef[];
  embeddings: readonly EmbeddingRef[];
  /** What the catalog knows of the checkpoint and its weights do not tell. */
  prediction?: PredictionType;
  zeroTerminalSnr?: boolean;
  tiles: readonly TileRequest[];
}

export interface EngineOptions {
  /** `auto` takes the best one present. */
  provider: Provider | 'auto';
  /** Bytes that the engine may take; null for no limit of its own. */
  memoryLimit: number | null;
  /** Threads of the CPU; null for all cores. */
  threads: number | null;
  /** Gives way to other work of the processor: nobody waits for it at a terminal. */
  isBackground?: boolean;
}

export type RenderEvent =
  | { kind: 'loading'; part: 'text-encoder' | 'unet' | 'vae' | 'lora' }
  /** `tile` is an index of the request's tiles. */
  | { kind: 'step'; tile: number; step: number; steps: number }
  | { kind: 'tile'; tile: number; picture: Picture };

/** RGB, 8 bits each, rows from the top. */
export interface Picture {
  width: number;
  height: number;
  /** width × height × 3. */
  pixels: Uint8Array;
}

/** How a request was rendered: kept as evidence next to the pictures. */
export interface RenderReport {
  engine: string;
  provider: Provider;
  /** The GPU's or processor's name. */
  device: string;
  /** Why each better provider was not taken. */
  rejected: { provider: Provider; reason: string }[];
  /** Type that the UNet computes in. */
  precision: 'fp16' | 'fp32';
  loadSeconds: number;
  secondsPerStep: number;
  /** Most memory that the engine's process had resident, in bytes. */
  peakMemory: number;
  /** What had to be done differently for it to work, in sentences: smaller picture, VAE in fp32… */
  notes: string[];
}

export type RenderErrorCode =
  | 'out_of_memory'
  | 'nan_output'
  | 'load_mismatch'
  | 'unsupported_architecture'
  | 'time_limit'
  | 'cancelled'
  /** The native library or its process died. */
  | 'crash'
  | 'device_lost'
  | 'bad_request';

/** Why pictures could not be rendered, in a sentence for people. */
export class RenderError extends Error {
  readonly code: RenderErrorCode;

  constructor(code: RenderErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RenderError';
    this.code = code;
  }
}

/** Renders pictures. The engine in a process of its own is one; a ComfyUI server is another. */
export interface Renderer {
  /** Renders all tiles of a request, one `tile` event each. Throws RenderError. */
  render(
    request: RenderRequest,
    options?: { onEvent?: (event: RenderEvent) => void; signal?: AbortSignal },
  ): Promise<RenderReport>;
  close(): Promise<void>;
}
