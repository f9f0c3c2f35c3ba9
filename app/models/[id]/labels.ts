import type { FileView, Term } from '#lib/catalog/client.ts';

/** Kinds of files, as the scanner names them. */
export const CONTAINERS: readonly Term[] = [
  { id: 'safetensors', label: 'safetensors' },
  { id: 'torch-zip', label: 'PyTorch pickle' },
  { id: 'torch-legacy', label: 'PyTorch pickle (before 1.6)' },
  { id: 'torch-tar', label: 'PyTorch pickle (tar)' },
  { id: 'pickle', label: 'pickle' },
  { id: 'gguf', label: 'GGUF' },
  { id: 'unknown', label: 'unknown format' },
];

/** Models in several files, whose files have formats of their own. */
export const LAYOUTS: Readonly<Record<FileView['layout'], string | null>> = {
  file: null,
  shards: 'shards with an index',
  diffusers: 'diffusers folder',
};

export const CONFIDENCES: readonly Term[] = [
  { id: 'certain', label: 'Certain' },
  { id: 'high', label: 'High' },
  { id: 'medium', label: 'Medium' },
  { id: 'low', label: 'Low: check the result and correct it if necessary' },
];

export const PREDICTIONS: readonly Term[] = [
  { id: 'epsilon', label: 'Epsilon' },
  { id: 'v', label: 'V-prediction' },
  { id: 'flow', label: 'Flow matching' },
  { id: 'edm', label: 'EDM' },
  { id: 'unknown', label: 'Unknown' },
];

export const VARIANTS: readonly Term[] = [
  { id: 'inpaint', label: 'Inpainting' },
  { id: 'pix2pix', label: 'InstructPix2Pix' },
  { id: 'depth', label: 'Depth' },
  { id: 'turbo', label: 'Turbo' },
  { id: 'unclip', label: 'unCLIP' },
];

export const COMPONENTS: readonly Term[] = [
  { id: 'unet', label: 'UNet' },
  { id: 'vae', label: 'VAE' },
  { id: 'ema', label: 'EMA weights' },
  { id: 'clip-l', label: 'CLIP-L' },
  { id: 'clip-g', label: 'CLIP-G' },
  { id: 'clip-h', label: 'CLIP-H' },
  { id: 'openclip-g', label: 'OpenCLIP-G' },
  { id: 'openclip-h', label: 'OpenCLIP-H' },
  { id: 't5', label: 'T5' },
  { id: 't5-xl', label: 'T5-XL' },
  { id: 't5-xxl', label: 'T5-XXL' },
  { id: 'text-encoder', label: 'text encoder' },
  { id: 'image-encoder', label: 'image encoder' },
  { id: 'transformer', label: 'Transformer' },
  { id: 'depth-model', label: 'depth model' },
  { id: 'lora', label: 'LoRA' },
  { id: 'embedding', label: 'embedding' },
  { id: 'backbone-lora', label: 'UNet or transformer layers' },
  { id: 'text-encoder-lora', label: 'text encoder layers' },
  { id: 'text-encoder-2-lora', label: 'second text encoder layers' },
  { id: 'text-encoder-3-lora', label: 'third text encoder layers' },
];

export const ALGORITHMS: readonly Term[] = [
  { id: 'lora', label: 'LoRA' },
  { id: 'locon', label: 'LoCon' },
  { id: 'loha', label: 'LoHa' },
  { id: 'lokr', label: 'LoKr' },
  { id: 'dora', label: 'DoRA' },
  { id: 'ia3', label: '(IA)³' },
  { id: 'glora', label: 'GLoRA' },
  { id: 'oft', label: 'OFT' },
  { id: 'boft', label: 'BOFT' },
  { id: 'full', label: 'Full difference' },
  { id: 'norm', label: 'norms' },
];

export const EVIDENCE_FIELDS: readonly Term[] = [
  { id: 'type', label: 'Type' },
  { id: 'base', label: 'Base model' },
  { id: 'variant', label: 'Variant' },
  { id: 'family', label: 'Family' },
  { id: 'prediction', label: 'Prediction type' },
  { id: 'merge', label: 'Merge' },
  { id: 'algorithm', label: 'Algorithm' },
];

export const EVIDENCE_SOURCES: readonly Term[] = [
  { id: 'weights', label: 'Weights' },
  { id: 'config', label: 'Configuration' },
  { id: 'metadata', label: 'Metadata' },
  { id: 'hash', label: 'Known hash' },
  { id: 'sidecar', label: 'Companion file' },
  { id: 'filename', label: 'File name' },
];
