/** Types of models, in the order that lists show them. */
const LABELS = {
  checkpoint: 'Checkpoint',
  'diffusion-model': 'Diffusion model',
  lora: 'LoRA',
  embedding: 'Embedding',
  hypernetwork: 'Hypernetwork',
  vae: 'VAE',
  'text-encoder': 'Text encoder',
  'image-encoder': 'Image encoder',
  controlnet: 'ControlNet',
  't2i-adapter': 'T2I-Adapter',
  'ip-adapter': 'IP-Adapter',
  'motion-module': 'Motion module',
  upscaler: 'Upscaler',
  unknown: 'Unknown',
} as const;

/** What kind of model a file is; `unknown` where nothing tells. */
export type ModelType = keyof typeof LABELS;

/** The words for each type, in the order that lists show them. */
export const MODEL_TYPE_LABELS: Readonly<Record<ModelType, string>> = LABELS;
export const MODEL_TYPES = Object.keys(LABELS) as readonly ModelType[];
