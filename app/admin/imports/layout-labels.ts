import type { FolderSearch } from '#lib/imports/index.ts';

/** Programs by the layout of their folders. */
export const LAYOUT_LABELS: Record<FolderSearch['layout'], string> = {
  a1111: 'AUTOMATIC1111 / Forge',
  comfyui: 'ComfyUI',
  invokeai: 'InvokeAI',
  'stability-matrix': 'Stability Matrix',
  swarmui: 'SwarmUI',
  diffusers: 'diffusers folder',
  'huggingface-cache': 'Hugging Face cache',
  plain: 'Folder',
};
