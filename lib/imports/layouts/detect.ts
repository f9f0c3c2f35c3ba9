import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MODEL_INDEX } from '#scanner/multi-file/client.ts';
import { repositoryName } from './names.ts';
import type { LayoutName } from './types.ts';

/** The first row whose marks are all there counts. Marks are names in lower case, `models/…` those in its folder. */
const MARKS: readonly (readonly [LayoutName, readonly (readonly string[])[]])[] = [
  ['diffusers', [[MODEL_INDEX]]],
  ['invokeai', [['invokeai.yaml'], ['databases', 'models'], ['invokeai.init'], ['autoimport', 'models']]],
  [
    'stability-matrix',
    [['packages', 'models', 'settings.json'], ['models', '.sm-portable'], ['models/stablediffusion']],
  ],
  // Both of its own, and others write `models/Stable-diffusion`.
  ['swarmui', [['launch-windows.bat', 'models'], ['swarmui.sln'], ['models/stable-diffusion', 'dlbackend']]],
  [
    'swarmui',
    [
      ['models/tensorrt', 'models/stable-diffusion'],
      ['models/diffusion_models', 'models/stable-diffusion'],
    ],
  ],
  ['comfyui', [['extra_model_paths.yaml'], ['custom_nodes'], ['comfy'], ['models/checkpoints', 'models/loras']]],
  ['a1111', [['webui.py'], ['webui.bat'], ['webui.sh'], ['models/stable-diffusion']]],
  // The folder of the models alone.
  ['stability-matrix', [['stablediffusion']]],
  [
    'swarmui',
    [
      ['stable-diffusion', 'tensorrt'],
      ['stable-diffusion', 'diffusion_models'],
    ],
  ],
  ['a1111', [['stable-diffusion']]],
  [
    'comfyui',
    [
      ['checkpoints', 'loras'],
      ['checkpoints', 'vae'],
      ['diffusion_models', 'loras'],
    ],
  ],
  ['invokeai', [['sd-1'], ['sdxl', 'sd-1'], ['sdxl', 'any']]],
];

/** The program that a folder belongs to, by the names in it. Throws where it cannot be read. */
export async function detectLayout(root: string): Promise<LayoutName> {
  const names = await readdir(root);
  if (repositoryName(basename(root)) !== null || names.some((name) => repositoryName(name) !== null))
    return 'huggingface-cache';
  const marks = new Set(names.map((name) => name.toLowerCase()));
  for (const models of names.filter((name) => name.toLowerCase() === 'models')) {
    const inner = await readdir(join(root, models)).catch(() => []);
    for (const name of inner) marks.add(`models/${name.toLowerCase()}`);
  }
  const found = MARKS.find(([, ways]) => ways.some((way) => way.every((mark) => marks.has(mark))));
  return found?.[0] ?? 'plain';
}
