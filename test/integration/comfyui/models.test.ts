import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ComfyOptions, checkComfy, openComfyRenderer } from '#lib/comfyui/index.ts';
import { type Bench, makeBench, requestOf, sha256Of, tileOf } from '../../support/comfyui-request.ts';
import { startComfy, type TestComfy, type TestComfyOptions } from '../../support/comfyui-server.ts';

let bench: Bench;
let comfy: TestComfy;

async function start(options: Partial<TestComfyOptions> = {}): Promise<void> {
  comfy = await startComfy({ models: bench.models, ...options });
}

beforeEach(async () => {
  bench = await makeBench();
});
afterEach(async () => {
  await comfy.close();
  await bench.clear();
});

/** Puts Weighhouse's own file among the server's, as its owner would. */
async function give(path: string, folder: string, name: string): Promise<void> {
  await mkdir(join(bench.models, folder), { recursive: true });
  await copyFile(path, join(bench.models, folder, name));
}

async function draw(
  checkpoint: { path: string; name: string },
  options: Partial<ComfyOptions> = {},
  comfyName?: string,
) {
  const renderer = openComfyRenderer({ address: comfy.url, ...options });
  const request = await requestOf({ checkpoint, tiles: [tileOf()] });
  const files = request.files.map((file) => ({ ...file, ...(comfyName !== undefined && { comfyName }) }));
  try {
    return await renderer.render({ ...request, files });
  } finally {
    await renderer.close();
  }
}

const used = () => comfy.graphs[0]![1]!.inputs.ckpt_name;

describe('a model that the server has', () => {
  it('is used by its name and size, and nothing is put beside it', async () => {
    await start();
    const checkpoint = await bench.make('dream', 1);
    await give(checkpoint.path, 'checkpoints', 'dream.safetensors');
    const { notes } = await draw(checkpoint, { sharedFolder: { path: bench.models, maxBytes: 1e9 } });
    expect([used(), notes]).toEqual(['dream.safetensors', []]);
    expect(await readdir(join(bench.models, 'checkpoints'))).toEqual(['dream.safetensors']);
  });

  it('is found in folders of a server on Windows', async () => {
    await start({ separator: '\\' });
    const checkpoint = await bench.make('dream', 1);
    await mkdir(join(bench.models, 'checkpoints', 'sd15'), { recursive: true });
    await copyFile(checkpoint.path, join(bench.models, 'checkpoints', 'sd15', 'dream.safetensors'));
    await draw(checkpoint);
    expect(used()).toBe('sd15\\dream.safetensors');
  });

  it('is not mistaken for another of the same name', async () => {
    await start();
    const checkpoint = await bench.make('dream', 1);
    await bench.own('checkpoints', 'dream.safetensors', 2);
    await expect(draw(checkpoint)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(
        /does not have dream\. Set WEIGHHOUSE_COMFYUI_MODELS to a folder that both can access/,
      ),
    });
    await draw(checkpoint, { sharedFolder: { path: bench.models, maxBytes: 1e9 } });
    expect(comfy.drawn[0]).toMatchObject({ model: { file: await sha256Of(checkpoint.path) } });
  });

  it('is taken in ComfyUI by name only where the server tells no sizes, which is noted', async () => {
    await start({ isOld: true });
    const checkpoint = await bench.make('dream', 1);
    await give(checkpoint.path, 'checkpoints', 'dream.safetensors');
    expect((await draw(checkpoint)).notes).toEqual([expect.stringContaining('in ComfyUI by name only')]);
  });

  it('is used as people named it, and missed when it is not there', async () => {
    await start();
    const checkpoint = await bench.make('dream', 1);
    await bench.own('checkpoints', 'own/name.safetensors', 2);
    await draw(checkpoint, {}, 'own/name.safetensors');
    expect(used()).toBe('own/name.safetensors');
    await expect(draw(checkpoint, {}, 'gone.safetensors')).rejects.toMatchObject({
      code: 'load_mismatch',
      message: expect.stringContaining('does not list gone.safetensors in checkpoints'),
    });
  });
});

describe('a model that the server lacks', () => {
  it('is not seen in a folder that it does not read, which is said', async () => {
    await start();
    const elsewhere = join(bench.root, 'elsewhere');
    await mkdir(elsewhere);
    const options = { sharedFolder: { path: elsewhere, maxBytes: 1e9 }, limits: { listing: 0.3 } };
    await expect(draw(await bench.make('dream', 1), options)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining(`does not find the files in ${elsewhere}`),
    });
    const left = await readdir(join(elsewhere, 'checkpoints', 'weighhouse'));
    expect(left.filter((name) => name.includes('.in-use-'))).toEqual([]);
  });

  it.each(['assets', 'older-assets', 'model-manager'] as const)('is sent to it by %s, once', async (uploads) => {
    await start({ uploads });
    const checkpoint = await bench.make('dream', 1);
    const first = await draw(checkpoint, { uploads: true });
    expect(first.notes).toEqual([
      expect.stringMatching(/^dream was uploaded to ComfyUI and is kept there as [0-9a-f]{10}-dream\.safetensors\.$/),
    ]);
    expect(comfy.drawn[0]).toMatchObject({ model: { file: await sha256Of(checkpoint.path) } });
    expect((await draw(checkpoint, { uploads: true })).notes).toEqual([]);
    expect(await readdir(join(bench.models, 'checkpoints'))).toHaveLength(1);
  });

  it('is not sent unasked, nor to a server that takes none', async () => {
    await start({ uploads: 'assets' });
    await expect(draw(await bench.make('dream', 1))).rejects.toThrow(
      'Set WEIGHHOUSE_COMFYUI_MODELS to a folder that both can access',
    );
    await comfy.close();
    await start();
    await expect(draw(await bench.make('dream', 1), { uploads: true })).rejects.toThrow(
      'does not accept uploads (start it with --enable-assets',
    );
  });
});

describe('checking a ComfyUI', () => {
  it('tells version, device, memory, and for each base what it lacks', async () => {
    await start({ uploads: 'assets' });
    await bench.own('text_encoders', 'clip_l.safetensors');
    await bench.own('text_encoders', 't5xxl_fp16.safetensors');
    const check = await checkComfy({ address: comfy.url }, ['sd1', 'sdxl', 'flux1', 'kandinsky5']);
    expect(check).toEqual({
      version: '0.9.2',
      device: 'cuda:0 Test GPU : cudaMallocAsync',
      deviceType: 'cuda',
      memory: { total: 8e9, free: 6e9 },
      uploads: 'assets',
      missing: {
        sd1: [],
        sdxl: [],
        flux1: ['the FLUX VAE (ae.safetensors)'],
        kandinsky5: ['a workflow: this base model is not supported'],
      },
    });
    await bench.own('vae', 'ae.safetensors');
    expect((await checkComfy({ address: comfy.url })).missing.flux1).toEqual([]);
  });

  it('tells nodes that an old version has not', async () => {
    await start({ isOld: true, without: ['FluxGuidance', 'EmptySD3LatentImage'] });
    const { missing, uploads } = await checkComfy({ address: comfy.url }, ['flux1', 'sd1']);
    expect(missing.flux1!.slice(0, 2)).toEqual(['the node EmptySD3LatentImage', 'the node FluxGuidance']);
    expect([missing.sd1, uploads]).toEqual([[], null]);
  });

  it('tells that nothing answers, or something else', async () => {
    await start();
    const { url } = comfy;
    comfy.garbage.add('system_stats');
    await expect(checkComfy({ address: url })).rejects.toMatchObject({ code: 'bad_request' });
    await comfy.close();
    await expect(checkComfy({ address: url })).rejects.toMatchObject({
      code: 'device_lost',
      message: `ComfyUI at ${url} does not answer. Check that it is running. If it runs on another machine, start it with --listen.`,
    });
    await start();
  });
});
