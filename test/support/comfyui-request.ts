import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { ComfyFile, ComfyRequest } from '#lib/comfyui/index.ts';
import { writeSafetensorsFile } from '#lib/demo/index.ts';
import type { ModelFileRef, TileRequest } from '#lib/render/index.ts';

/** Prefixes of the parts of a checkpoint, as Stable Diffusion 1 names them. */
export const ALL_PARTS = ['model.diffusion_model.', 'first_stage_model.', 'cond_stage_model.'] as const;

export interface Bench {
  root: string;
  /** The server's folder of models. */
  models: string;
  /** Writes a file where Weighhouse has its own; `seed` makes its bytes its own. */
  make(name: string, seed: number, prefixes?: readonly string[]): Promise<ModelFileRef>;
  /** Writes a file among the server's models, as its owner put it there. */
  own(folder: string, name: string, seed?: number): Promise<string>;
  clear(): Promise<void>;
}

/** A folder of its own with files of Weighhouse and the models of a ComfyUI. */
export async function makeBench(): Promise<Bench> {
  const root = await mkdtemp(join(tmpdir(), 'weighhouse-comfyui-'));
  const models = join(root, 'models');
  await mkdir(models);
  return {
    root,
    models,
    async make(name, seed, prefixes = ALL_PARTS) {
      const path = join(root, 'blobs', `${name}-${seed}`);
      await write(path, seed, prefixes);
      return { path, name };
    },
    async own(folder, name, seed = 1) {
      const path = join(models, folder, name);
      await write(path, seed, ['']);
      return path;
    },
    clear: () => rm(root, { recursive: true, force: true }),
  };
}

async function write(path: string, seed: number, prefixes: readonly string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const tensors = prefixes.map((prefix) => ({ name: `${prefix}weight`, dtype: 'F32' as const, shape: [4, 4] }));
  writeSafetensorsFile(path, { tensors, seed });
}

export async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

export function tileOf(wish: Partial<TileRequest> = {}): TileRequest {
  return {
    prompt: 'a lighthouse at dusk',
    negativePrompt: 'blurry',
    seed: 42,
    steps: 4,
    sampler: 'Euler a',
    cfgScale: 7,
    width: 64,
    height: 48,
    clipSkip: 1,
    loraWeights: [],
    ...wish,
  };
}

/** A request with the hashes of its files. */
export async function requestOf(
  wish: Pick<ComfyRequest, 'checkpoint' | 'tiles'> & Partial<ComfyRequest>,
): Promise<ComfyRequest> {
  const { loras = [], embeddings = [], vae, checkpoint } = wish;
  const refs = [checkpoint, ...(vae ? [vae] : []), ...loras, ...embeddings];
  const files: ComfyFile[] = [];
  for (const { path } of refs) files.push({ path, sha256: await sha256Of(path) });
  return { base: 'sd1', loras, embeddings, files, ...wish };
}

/** Writes bytes that are no model. */
export async function makeBroken(root: string, name: string): Promise<ModelFileRef> {
  const path = join(root, 'blobs', name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'not a model');
  return { path, name: basename(path) };
}
