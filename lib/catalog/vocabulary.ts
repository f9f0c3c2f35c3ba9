/** A value of a facet: the id that is stored and sent, and the words people read. */
export interface Term {
  id: string;
  label: string;
}

/** Types of models, in the order that lists show them. */
const TYPE_TERMS = [
  { id: 'checkpoint', label: 'Checkpoint' },
  { id: 'diffusion-model', label: 'Diffusion model' },
  { id: 'lora', label: 'LoRA' },
  { id: 'embedding', label: 'Embedding' },
  { id: 'hypernetwork', label: 'Hypernetwork' },
  { id: 'vae', label: 'VAE' },
  { id: 'text-encoder', label: 'Text encoder' },
  { id: 'controlnet', label: 'ControlNet' },
  { id: 't2i-adapter', label: 'T2I-Adapter' },
  { id: 'ip-adapter', label: 'IP-Adapter' },
  { id: 'motion-module', label: 'Motion module' },
  { id: 'upscaler', label: 'Upscaler' },
  { id: 'unknown', label: 'Unknown' },
] as const satisfies readonly Term[];
export const TYPES: readonly Term[] = TYPE_TERMS;
export type ModelType = (typeof TYPE_TERMS)[number]['id'];

/** Base versions. */
export const BASES: readonly Term[] = [
  { id: 'sd1', label: 'SD 1.x' },
  { id: 'sd2', label: 'SD 2.x' },
  { id: 'sdxl', label: 'SDXL' },
  { id: 'sdxl-refiner', label: 'SDXL refiner' },
  { id: 'sd3', label: 'SD 3' },
  { id: 'sd3.5', label: 'SD 3.5' },
  { id: 'flux1', label: 'FLUX.1' },
  { id: 'flux2', label: 'FLUX.2' },
  { id: 'chroma', label: 'Chroma' },
  { id: 'stable-cascade', label: 'Stable Cascade' },
  { id: 'svd', label: 'Stable Video Diffusion' },
  { id: 'kolors', label: 'Kolors' },
  { id: 'pixart', label: 'PixArt' },
  { id: 'auraflow', label: 'AuraFlow' },
  { id: 'hunyuan-dit', label: 'HunyuanDiT' },
  { id: 'hunyuan-image', label: 'HunyuanImage' },
  { id: 'hunyuan-video', label: 'HunyuanVideo' },
  { id: 'hidream', label: 'HiDream' },
  { id: 'lumina2', label: 'Lumina 2' },
  { id: 'z-image', label: 'Z-Image' },
  { id: 'qwen-image', label: 'Qwen-Image' },
  { id: 'wan', label: 'Wan' },
  { id: 'ltx-video', label: 'LTX-Video' },
  { id: 'ltx-2', label: 'LTX-2' },
  { id: 'mochi', label: 'Mochi' },
  { id: 'cosmos', label: 'Cosmos' },
  { id: 'anima', label: 'Anima' },
  { id: 'krea2', label: 'Krea 2' },
  { id: 'kandinsky5', label: 'Kandinsky 5' },
  { id: 'omnigen2', label: 'OmniGen 2' },
  { id: 'sana', label: 'Sana' },
  { id: 'ideogram4', label: 'Ideogram 4' },
  { id: 'ernie-image', label: 'ERNIE-Image' },
  { id: 'longcat', label: 'LongCat-Image' },
  { id: 'ovis-image', label: 'Ovis-Image' },
  { id: 'zeta-chroma', label: 'Zeta-Chroma' },
  { id: 'mageflow', label: 'MageFlow' },
  { id: 'lens', label: 'Lens' },
  { id: 'pid', label: 'PiD' },
  { id: 'hunyuan3d', label: 'Hunyuan3D' },
  { id: 'minimax-h3', label: 'MiniMax H3' },
  { id: 'seedvr2', label: 'SeedVR2' },
  { id: 'stable-audio', label: 'Stable Audio' },
  { id: 'ace-step', label: 'ACE-Step' },
  { id: 'unknown', label: 'Unknown' },
];

/** Lines of fine-tunes with the layout of their base. A family that is not listed is shown by its id. */
export const FAMILIES: readonly Term[] = [
  { id: 'pony', label: 'Pony' },
  { id: 'illustrious', label: 'Illustrious' },
  { id: 'noobai', label: 'NoobAI' },
  { id: 'animagine', label: 'Animagine' },
];

/** What a verdict means to somebody who is about to use the file. */
export const VERDICTS: readonly (Term & { meaning: string })[] = [
  {
    id: 'clean',
    label: 'Clean',
    meaning: 'Everything in the file was scanned, and it contains only what model weights need.',
  },
  {
    id: 'suspicious',
    label: 'Suspicious',
    meaning: 'The file contains something that model weights do not need. A moderator must review it.',
  },
  { id: 'malformed', label: 'Malformed', meaning: 'The file is damaged or invalid, so its safety cannot be checked.' },
  { id: 'dangerous', label: 'Dangerous', meaning: 'Loading this file runs code.' },
  { id: 'incomplete', label: 'Incomplete', meaning: 'The scan did not finish.' },
  { id: 'scanning', label: 'Scanning', meaning: 'The file is being scanned.' },
  { id: 'quarantined', label: 'In quarantine', meaning: 'The file is waiting for a scan.' },
];

/** The words for an id; an id that no list has is shown as it is. */
export function labelOf(terms: readonly Term[], id: string): string {
  return terms.find((term) => term.id === id)?.label ?? id;
}
