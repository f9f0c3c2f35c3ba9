import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { holdsUnknownObject, runsCommand } from './payloads.ts';
import {
  writeCheckpoint,
  writeEmbedding,
  writeSafeCheckpoint,
  writeSmallCheckpointPickle,
  writeSmallLora,
  writeVae,
} from './sample-models.ts';

export interface DemoModel {
  path: string;
  /** One sentence for a person: what the file is there to show. */
  note: string;
}

const MODELS: readonly { file: string; note: string; write: (path: string) => void }[] = [
  {
    file: 'harbour-light-v1.ckpt',
    note: 'An SD 1.x checkpoint as a pickle: clean, converted to safetensors, and complete enough to render previews.',
    write: (path) => writeSmallCheckpointPickle(path, 11),
  },
  {
    file: 'north-window-768.ckpt',
    note: 'An SD 2.x checkpoint with v-prediction, like the 768 pixel models.',
    write: (path) => writeCheckpoint(path, 'sd2', { seed: 12, predictsV: true }),
  },
  {
    file: 'copper-meadow-xl.safetensors',
    note: 'An SDXL checkpoint, uploaded as safetensors.',
    write: (path) => writeSafeCheckpoint(path, 'sdxl', { seed: 13 }),
  },
  {
    file: 'paper-lanterns-lora.safetensors',
    note: 'A LoRA for SD 1.x with training metadata. Its preview is a sweep over the LoRA weight.',
    write: (path) => writeSmallLora(path, 'paper-lanterns', 14),
  },
  {
    file: 'quiet-hands.pt',
    note: 'An embedding for SD 1.x: one trigger word with eight vectors.',
    write: (path) => writeEmbedding(path, 'sd1', 'quiet-hands', 15),
  },
  {
    file: 'clear-glass.vae.pt',
    note: 'A VAE: its shapes are the same for SD 1.x, 2.x and SDXL.',
    write: (path) => writeVae(path, { seed: 16 }),
  },
  {
    file: 'too-good-to-be-true.ckpt',
    note: 'A complete SD 1.x checkpoint that would run a command when loaded (this one only prints a word).',
    write: (path) => writeCheckpoint(path, 'sd1', { seed: 17, extras: [runsCommand()] }),
  },
  {
    file: 'studio-export-inpainting.ckpt',
    note: 'An SD 1.x inpainting checkpoint with an object of an unknown Python class: needs a manual review.',
    write: (path) => writeCheckpoint(path, 'sd1-inpaint', { seed: 18, extras: [holdsUnknownObject()] }),
  },
];

/**
 * Writes a handful of model files, one of each kind and verdict: one of 129 MB, the others under 15 MB in all. Their
 * structure is that of real models and their numbers are random. The same files every time, byte for byte.
 */
export async function makeDemoModels(folder: string): Promise<DemoModel[]> {
  mkdirSync(folder, { recursive: true });
  return MODELS.map(({ file, note, write }) => {
    const path = join(folder, file);
    write(path);
    return { path, note };
  });
}
