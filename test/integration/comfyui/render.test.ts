import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ComfyOptions, openComfyRenderer } from '#lib/comfyui/index.ts';
import type { Picture, RenderEvent } from '#lib/render/index.ts';
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

async function draw(request: Awaited<ReturnType<typeof requestOf>>, options: Partial<ComfyOptions> = {}) {
  const renderer = openComfyRenderer({
    address: comfy.url,
    sharedFolder: { path: bench.models, maxBytes: 1e9 },
    ...options,
  });
  const events: RenderEvent[] = [];
  try {
    const report = await renderer.render(request, { onEvent: (event) => events.push(event) });
    const pictures: Picture[] = [];
    for (const event of events) if (event.kind === 'tile') pictures[event.tile] = event.picture;
    return { report, events, pictures };
  } finally {
    await renderer.close();
  }
}

const same = (a: Picture | undefined, b: Picture | undefined) => Buffer.compare(a!.pixels, b!.pixels) === 0;

describe('drawing on a ComfyUI', () => {
  it('gives the pictures that were asked for, each by its seed and prompt', async () => {
    await start();
    const checkpoint = await bench.make('Dream Maker v8', 1);
    const tiles = [
      tileOf(),
      tileOf({ seed: 43 }),
      tileOf({ prompt: 'a fox' }),
      tileOf(),
      tileOf({ width: 32, height: 128 }),
    ];
    const { pictures, report, events } = await draw(await requestOf({ checkpoint, tiles }));

    expect(pictures.map(({ width, height, pixels }) => [width, height, pixels.length])).toEqual([
      ...Array(4).fill([64, 48, 64 * 48 * 3]),
      [32, 128, 32 * 128 * 3],
    ]);
    expect(same(pictures[0], pictures[3])).toBe(true);
    expect(same(pictures[0], pictures[1])).toBe(false);
    expect(same(pictures[0], pictures[2])).toBe(false);
    // The server read the very bytes that Weighhouse has.
    const digest = await sha256Of(checkpoint.path);
    expect(comfy.drawn[0]).toMatchObject({
      model: { file: digest },
      vae: { file: digest },
      seed: 42,
      steps: 4,
      cfg: 7,
    });

    expect(report).toMatchObject({
      engine: 'ComfyUI 0.9.2',
      provider: 'cuda',
      device: expect.stringContaining('Test GPU'),
      peakMemory: 2e9,
      notes: [],
    });
    expect(report.secondsPerStep).toBeGreaterThan(0);
    expect(report.loadSeconds).toBeGreaterThan(0);
    const steps = events.filter((event) => event.kind === 'step');
    expect(steps.filter(({ tile }) => tile === 1).map(({ step, steps: of }) => `${step}/${of}`)).toEqual([
      '1/4',
      '2/4',
      '3/4',
      '4/4',
    ]);
    const tileAt = (index: number) => events.findIndex((event) => event.kind === 'tile' && event.tile === index);
    expect(events.findIndex((event) => event.kind === 'step' && event.tile === 1)).toBeGreaterThan(tileAt(0));
    expect(events[0]).toEqual({ kind: 'loading', part: 'unet' });
  });

  it('sweeps a LoRA with the checkpoint loaded once', async () => {
    await start();
    const checkpoint = await bench.make('base', 1);
    const lora = await bench.make('style', 2, ['lora_unet_']);
    const weights = [0, 0.5, 0.75, 1, 1.25];
    const tiles = weights.map((weight) => tileOf({ loraWeights: [weight] }));
    const { pictures } = await draw(await requestOf({ checkpoint, loras: [lora], tiles }));

    const file = await sha256Of(lora.path);
    expect(comfy.drawn.map(({ model }) => (model as { loras: unknown }).loras)).toEqual(
      weights.map((strength) => (strength === 0 ? [] : [{ file, strength }])),
    );
    expect(comfy.ran.filter((node) => node === 'CheckpointLoaderSimple')).toHaveLength(1);
    expect(comfy.ran.filter((node) => node === 'KSampler')).toHaveLength(5);
    for (const [index, picture] of pictures.slice(1).entries()) expect(same(picture, pictures[index])).toBe(false);
  });

  it('draws with a VAE, with LoRAs and embeddings, and says which', async () => {
    await start({ separator: '\\' });
    const checkpoint = await bench.make('base', 1);
    const vae = await bench.make('kl-f8', 2, ['decoder.']);
    const loras = [await bench.make('a', 3, ['x.']), await bench.make('b', 4, ['x.'])];
    const embedding = { ...(await bench.make('bad-hands', 5, ['emb_params'])), token: 'bad-hands' };
    const wish = { negativePrompt: '(bad-hands:1.2), blurry', loraWeights: [1, { unet: 0.5, text: 0 }] };
    const tiles = [tileOf(wish), tileOf({ ...wish, usesGivenVae: false })];
    await draw(await requestOf({ checkpoint, vae, loras, embeddings: [embedding], tiles }));

    const [first, second] = comfy.drawn;
    expect(first).toMatchObject({
      vae: { file: await sha256Of(vae.path) },
      model: { loras: [{ strength: 1 }, { strength: 0.5 }] },
      negative: { embeddings: [await sha256Of(embedding.path)], clip: { loras: [{ strength: 1 }] } },
    });
    expect(second).toMatchObject({ vae: { file: await sha256Of(checkpoint.path) } });
  });

  it('draws FLUX from a file without encoders and VAE, with those of the server', async () => {
    await start();
    await bench.own('text_encoders', 'clip_l.safetensors', 11);
    await bench.own('text_encoders', 't5xxl_fp8_e4m3fn.safetensors', 12);
    const vae = await bench.own('vae', 'flux/ae.safetensors', 13);
    const checkpoint = await bench.make('flux-tune', 1, ['double_blocks.0.']);
    await draw(await requestOf({ base: 'flux1', checkpoint, tiles: [tileOf({ cfgScale: 3.5, sampler: 'Euler' })] }));
    expect(comfy.drawn[0]).toMatchObject({
      model: { file: await sha256Of(checkpoint.path) },
      vae: { file: await sha256Of(vae) },
      positive: { guidance: 3.5, clip: { type: 'flux' } },
      latent_image: { channels: 16 },
      cfg: 1,
      scheduler: 'simple',
    });
    expect(comfy.graphs[0]![1]!.inputs).toMatchObject({
      unet_name: expect.stringMatching(/^weighhouse\/[0-9a-f]{10}-flux-tune\.safetensors$/),
    });
  });

  it('draws Stable Diffusion 3 without T5 where the server has none, and says so', async () => {
    await start();
    await bench.own('text_encoders', 'clip_l.safetensors');
    await bench.own('text_encoders', 'clip_g.safetensors');
    const checkpoint = await bench.make('sd3', 1, ['model.diffusion_model.', 'first_stage_model.']);
    const { report } = await draw(await requestOf({ base: 'sd3', checkpoint, tiles: [tileOf()] }));
    expect(report.notes).toEqual([expect.stringContaining('without the text encoder T5-XXL')]);
    expect(comfy.drawn[0]).toMatchObject({ model: { shift: 3 }, positive: { clip: { type: 'sd3' } } });
  });

  it('says what is missing beside a model', async () => {
    await start();
    await bench.own('text_encoders', 'clip_l.safetensors');
    const checkpoint = await bench.make('flux-tune', 1, ['double_blocks.0.']);
    await expect(draw(await requestOf({ base: 'flux1', checkpoint, tiles: [tileOf()] }))).rejects.toMatchObject({
      code: 'load_mismatch',
      message: expect.stringMatching(/does not have the files that FLUX\.1 needs: the text encoder T5-XXL/),
    });
    expect(comfy.graphs).toEqual([]);
  });

  it('tells of a server that is too old for a base, and of a base without a workflow', async () => {
    await start({ without: ['ModelSamplingSD3'] });
    const checkpoint = await bench.make('sd3', 1);
    await expect(draw(await requestOf({ base: 'sd3', checkpoint, tiles: [tileOf()] }))).rejects.toMatchObject({
      code: 'unsupported_architecture',
      message: expect.stringContaining('ModelSamplingSD3'),
    });
    await expect(draw(await requestOf({ base: 'mochi', checkpoint, tiles: [tileOf()] }))).rejects.toMatchObject({
      code: 'unsupported_architecture',
    });
  });

  it('draws on a server of 2023, whose history tells no status', async () => {
    await start({ isOld: true, deviceType: 'cpu' });
    const checkpoint = await bench.make('base', 1);
    const { pictures, report } = await draw(await requestOf({ checkpoint, tiles: [tileOf(), tileOf({ seed: 1 })] }));
    expect(same(pictures[0], pictures[1])).toBe(false);
    expect(report).toMatchObject({ provider: 'cpu', precision: 'fp32', engine: 'ComfyUI (unknown version)' });
  });

  it('draws without a socket, and says that no steps were told', async () => {
    await start();
    comfy.refusesSockets = true;
    const checkpoint = await bench.make('base', 1);
    const { pictures, report, events } = await draw(await requestOf({ checkpoint, tiles: [tileOf()] }));
    expect(pictures).toHaveLength(1);
    expect(events.filter(({ kind }) => kind === 'step')).toEqual([]);
    expect(report.notes).toEqual([expect.stringContaining('WebSocket')]);
  });

  it('leaves nothing of its own in use', async () => {
    await start();
    const [checkpoint, other] = [await bench.make('base', 1), await bench.make('other', 2)];
    const sharedFolder = { path: bench.models, maxBytes: (await stat(checkpoint.path)).size };
    await draw(await requestOf({ checkpoint, tiles: [tileOf()] }), { sharedFolder });
    await draw(await requestOf({ checkpoint: other, tiles: [tileOf()] }), { sharedFolder });
    const left = await readdir(join(bench.models, 'checkpoints', 'weighhouse'));
    expect(left.sort()).toEqual([
      expect.stringMatching(/^\..*-other.*\.weighhouse$/),
      expect.stringMatching(/-other\.safetensors$/),
    ]);
    expect((await stat(checkpoint.path)).nlink).toBe(1);
  });
});
