/** A LoRA that a picture was made with. */
export interface LoraUse {
  name: string;
  /** Strength in the denoising network; null where it is not said. */
  weight: number | null;
  /** Strength in the text encoders where it is another one. */
  textWeight: number | null;
  /** AutoV3 or the start of a SHA-256, in small letters; null where it is not said. */
  hash: string | null;
}

export interface EmbeddingUse {
  name: string;
  hash: string | null;
}

/** How a picture was made, whichever program wrote it down. Null and empty is what was not said. */
export interface GenerationParameters {
  /** As it was typed, with `<lora:name:weight>` where the program takes LoRAs from there. */
  prompt: string;
  negativePrompt: string;
  steps: number | null;
  sampler: string | null;
  /** How the noise falls over the steps: Karras, Uniform… */
  scheduler: string | null;
  cfgScale: number | null;
  /** Digits, because ComfyUI's seeds go up to 2^64. */
  seed: string | null;
  /** Pixels. */
  width: number | null;
  height: number | null;
  /** The checkpoint's name without folder and ending. */
  model: string | null;
  modelHash: string | null;
  vae: string | null;
  vaeHash: string | null;
  /** 1 is the last layer of the text encoder. */
  clipSkip: number | null;
  loras: LoraUse[];
  embeddings: EmbeddingUse[];
  /** Resources by `model`, `vae`, `lora:name` and `embed:name`, as Civitai links them. */
  hashes: Record<string, string>;
  /** The program's own word for itself. */
  version: string | null;
  /** What else was written, by its name there. */
  other: Record<string, string>;
}

/** Parameters of which nothing is known. */
export function noParameters(): GenerationParameters {
  return {
    prompt: '',
    negativePrompt: '',
    steps: null,
    sampler: null,
    scheduler: null,
    cfgScale: null,
    seed: null,
    width: null,
    height: null,
    model: null,
    modelHash: null,
    vae: null,
    vaeHash: null,
    clipSkip: null,
    loras: [],
    embeddings: [],
    hashes: {},
    version: null,
    other: {},
  };
}
