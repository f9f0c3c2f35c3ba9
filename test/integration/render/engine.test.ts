import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { specsOf, writeSafetensorsFile } from '#lib/demo/index.ts';
import {
  type EngineRenderer,
  openRenderer,
  type Picture,
  type RenderEvent,
  type RenderRequest,
  type TileRequest,
} from '#lib/render/index.ts';
import { randomTensors, writeRandomModel } from '../../fixtures/render/random-weights.ts';
import { smallCheckpoint, writeSmallCheckpoint, writeSmallLora } from '../../fixtures/render/small-models.ts';
import { hasSwiftShader, swiftShaderEnvironment } from '../../support/swiftshader.ts';

const HOSTILE = join(import.meta.dirname, '../../support/hostile-engine.ts');
const MIB = 1024 * 1024;
const VAE = 'first_stage_model.';

const TILE: TileRequest = {
  prompt: 'a (lighthouse:1.2) at dusk',
  negativePrompt: 'text',
  seed: 3,
  steps: 2,
  sampler: 'Euler a',
  cfgScale: 5,
  width: 64,
  height: 64,
  clipSkip: 1,
  loraWeights: [],
};

let folder: string;
let renderer: EngineRenderer | undefined;
const file = (name: string) => ({ path: join(folder, `${name}.safetensors`), name });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weighhouse-engine-'));
  writeSmallCheckpoint(file('sd1').path, 'sd1');
  writeSmallLora(file('lora').path, 'sd1');
  const layout = smallCheckpoint('sd1');
  const vae = layout.filter(({ name }) => name.startsWith(VAE));
  // Other numbers than the checkpoint's own, because they depend on names.
  writeRandomModel(
    file('vae').path,
    vae.map((tensor) => ({ ...tensor, name: tensor.name.slice(VAE.length) })),
  );
  writeRandomModel(
    file('no-vae').path,
    layout.filter(({ name }) => !name.startsWith(VAE)),
  );
  writeRandomModel(
    file('no-text').path,
    layout.filter(({ name }) => !name.startsWith('cond_stage_model.')),
  );
  writeRandomModel(file('embedding').path, [{ name: 'emb_params', shape: [3, 64] }]);
  writeRandomModel(file('wide-embedding').path, [{ name: 'emb_params', shape: [3, 768] }]);
  writeSafetensorsFile(file('broken').path, {
    tensors: randomTensors(layout).map((tensor) =>
      tensor.name.endsWith('input_blocks.0.0.bias')
        ? { ...tensor, data: new Uint8Array(new Float32Array(32).fill(Number.NaN).buffer) }
        : tensor,
    ),
  });
  writeSafetensorsFile(file('inpaint').path, {
    tensors: specsOf(
      layout.map((tensor) =>
        tensor.name.endsWith('input_blocks.0.0.weight') ? { ...tensor, shape: [32, 9, 3, 3] } : tensor,
      ),
      'F16',
    ),
  });
  await writeFile(file('pickle').path, Buffer.from('80027d712e', 'hex'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
afterEach(async () => {
  await renderer?.close();
  renderer = undefined;
});

function requestFor(change: Partial<RenderRequest> = {}): RenderRequest {
  return { checkpoint: file('sd1'), loras: [], embeddings: [], tiles: [TILE], ...change };
}

async function draw(request: RenderRequest) {
  renderer ??= openRenderer({ provider: 'cpu' });
  const pictures: Picture[] = [];
  const events: RenderEvent[] = [];
  const report = await renderer.render(request, {
    onEvent(event) {
      events.push(event);
      if (event.kind === 'tile') pictures[event.tile] = event.picture;
    },
  });
  return { report, pictures, events };
}

function hostile(kind: string, options: Parameters<typeof openRenderer>[0] = {}): EngineRenderer {
  renderer = openRenderer(options, { entry: HOSTILE, env: { ...process.env, HOSTILE_ENGINE: kind } });
  return renderer;
}

describe('the engine in a process of its own', () => {
  it('draws each tile in turn, tells every step, and draws the same picture for the same seed', async () => {
    const tiles = [TILE, { ...TILE, seed: 4 }, TILE];
    const { pictures, events, report } = await draw(requestFor({ tiles }));
    expect(pictures.map(({ width, height, pixels }) => [width, height, pixels.length])).toEqual(
      tiles.map(() => [64, 64, 64 * 64 * 3]),
    );
    expect(pictures[2]?.pixels).toEqual(pictures[0]?.pixels);
    expect(pictures[1]?.pixels).not.toEqual(pictures[0]?.pixels);
    const told = events.filter(({ kind }) => kind !== 'loading');
    expect(told.map((event) => ('step' in event ? `${event.tile}:${event.step}/${event.steps}` : event.kind))).toEqual(
      [0, 1, 2].flatMap((tile) => [`${tile}:1/2`, `${tile}:2/2`, 'tile']),
    );
    expect(report).toMatchObject({ provider: 'cpu', precision: 'fp32', notes: [] });
    expect(report.peakMemory).toBeGreaterThan(50 * MIB);
    expect(report.secondsPerStep).toBeGreaterThan(0);
  });

  it('loads each network once for a sweep over LoRA weights, and once for the next request of the same models', async () => {
    const tiles = [0, 0.5, 1, 1.25].map((weight) => ({ ...TILE, loraWeights: [weight] }));
    const request = requestFor({ loras: [file('lora')], tiles });
    const { pictures, events } = await draw(request);
    const loaded = events.flatMap((event) => (event.kind === 'loading' ? [event.part] : []));
    expect(loaded).toEqual(['lora', 'text-encoder', 'unet', 'vae']);
    expect(new Set(pictures.map(({ pixels }) => Buffer.from(pixels).toString('base64'))).size).toBe(4);

    const plain = (await draw(requestFor())).pictures[0];
    // At weight 0 the LoRA is not there.
    expect(distance(pictures[0], plain)).toBeLessThanOrEqual(1);
    const again = await draw(request);
    expect(again.pictures[2]?.pixels).toEqual(pictures[2]?.pixels);
    const thrice = await draw(request);
    expect(thrice.events.filter(({ kind }) => kind === 'loading')).toEqual([]);
  });

  it('draws with another VAE, and with the own one where the tile asks for it', async () => {
    const tiles = [
      { ...TILE, usesGivenVae: false },
      { ...TILE, usesGivenVae: true },
    ];
    const { pictures } = await draw(requestFor({ vae: file('vae'), tiles }));
    const own = (await draw(requestFor())).pictures[0];
    expect(pictures[0]?.pixels).toEqual(own?.pixels);
    expect(distance(pictures[1], own)).toBeGreaterThan(10);
    const given = await draw(requestFor({ checkpoint: file('no-vae'), vae: file('vae') }));
    expect(given.pictures).toHaveLength(1);
  });

  it('draws with the vectors of an embedding where its word stands', async () => {
    const embeddings = [{ ...file('embedding'), token: 'mystyle' }];
    const tiles = ['a mystyle house', 'a house'].map((prompt) => ({ ...TILE, prompt }));
    const { pictures } = await draw(requestFor({ embeddings, tiles }));
    const plain = await draw(requestFor({ tiles }));
    expect(pictures[1]?.pixels).toEqual(plain.pictures[1]?.pixels);
    expect(pictures[0]?.pixels).not.toEqual(plain.pictures[0]?.pixels);
  });

  it.each([
    ['a pickle', { checkpoint: 'pickle' }, 'load_mismatch', /Only safetensors files/],
    ['a file that is not there', { checkpoint: 'nowhere' }, 'bad_request', /file not found/],
    ['a LoRA in place of a checkpoint', { checkpoint: 'lora' }, 'unsupported_architecture', /type is "lora"/],
    ['an inpainting network', { checkpoint: 'inpaint' }, 'unsupported_architecture', /inpaint/i],
    ['a checkpoint without a VAE', { checkpoint: 'no-vae' }, 'load_mismatch', /does not contain a VAE/],
    ['a checkpoint without a text encoder', { checkpoint: 'no-text' }, 'load_mismatch', /text encoder/],
    ['an embedding for another encoder', { embedding: 'wide-embedding' }, 'load_mismatch', /width 768/],
    ['weights that are no numbers', { checkpoint: 'broken' }, 'nan_output', /NaN/],
  ])(
    'refuses %s in words',
    async (_, { checkpoint = 'sd1', embedding }: { checkpoint?: string; embedding?: string }, code, message) => {
      const embeddings = embedding === undefined ? [] : [{ ...file(embedding), token: 'word' }];
      const drawing = draw(requestFor({ checkpoint: file(checkpoint), embeddings }));
      await expect(drawing).rejects.toMatchObject({
        name: 'RenderError',
        code,
        message: expect.stringMatching(message),
      });
      // The process is as good as before.
      expect((await draw(requestFor())).pictures).toHaveLength(1);
    },
  );

  it.each([
    ['a size that is no multiple of 8', { width: 65 }],
    ['no steps', { steps: 0 }],
    ['a seed that is no whole number', { seed: 0.5 }],
    ['a weight for no LoRA', { loraWeights: [1] }],
    ['guidance that is no number', { cfgScale: Number.NaN }],
  ])('refuses %s', async (_, change) => {
    await expect(draw(requestFor({ tiles: [{ ...TILE, ...change }] }))).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('says how much memory it would take where the limit is lower, and begins nothing', async () => {
    renderer = openRenderer({ provider: 'cpu', memoryLimit: 300 * MIB });
    const big = { ...TILE, width: 1024, height: 1024 };
    await expect(draw(requestFor({ tiles: [big] }))).rejects.toMatchObject({
      code: 'out_of_memory',
      message: expect.stringMatching(/needs about [\d.]+ GB of memory, but the limit is 0\.3 GB/),
    });
  });

  it('draws smaller where only that fits, and says so', async () => {
    renderer = openRenderer({ provider: 'cpu', memoryLimit: 1000 * MIB });
    const { pictures, report } = await draw(requestFor({ tiles: [{ ...TILE, steps: 1, width: 384, height: 384 }] }));
    expect(pictures.map(({ width, height }) => [width, height])).toEqual([[256, 256]]);
    expect(report.notes).toContain('Not enough memory at first, so the image was rendered with less memory.');
  });

  it('stops between two steps when it is told to, and draws the next request', async () => {
    renderer = openRenderer({ provider: 'cpu' });
    const stop = new AbortController();
    const drawing = renderer.render(requestFor({ tiles: [{ ...TILE, steps: 150 }] }), {
      signal: stop.signal,
      onEvent: (event) => event.kind === 'step' && stop.abort(),
    });
    await expect(drawing).rejects.toMatchObject({ code: 'cancelled' });
    expect((await draw(requestFor())).pictures).toHaveLength(1);
  });

  it('fails the request and nothing else when its process is killed', async () => {
    renderer = openRenderer({ provider: 'cpu' });
    const drawing = renderer.render(requestFor({ tiles: [{ ...TILE, steps: 150 }] }), {
      onEvent: (event) => event.kind === 'step' && event.step === 2 && killEngines(),
    });
    await expect(drawing).rejects.toMatchObject({ name: 'RenderError', code: 'crash' });
    expect((await draw(requestFor())).pictures).toHaveLength(1);
  });
});

describe('a native library that misbehaves', () => {
  it('leaves a provider whose driver ends the process, for this request and the next', async () => {
    const engine = hostile('driver-kills');
    const report = await engine.render(requestFor());
    expect(report.provider).toBe('cpu');
    expect(report.notes).toEqual([expect.stringMatching(/^Rendering on webgpu failed first: its driver crashed/)]);
    expect((await engine.render(requestFor())).notes).toEqual([]);
  });

  it('goes to the next provider when a device is lost', async () => {
    const report = await hostile('device-lost').render(requestFor());
    expect(report).toMatchObject({ provider: 'cpu', notes: ['Rendering on webgpu failed first: The GPU went away.'] });
  });

  it('does not leave the provider that was asked for', async () => {
    const drawing = hostile('device-lost', { provider: 'webgpu' }).render(requestFor());
    await expect(drawing).rejects.toMatchObject({ code: 'device_lost', message: 'The GPU went away.' });
  });

  it('tries once more and smaller when memory runs out, and no third time', async () => {
    const report = await hostile('out-of-memory').render(requestFor());
    expect(report.notes).toEqual(['Not enough memory at first, so the image was rendered with less memory.']);
  });

  it('is ended from outside when it takes more memory than it may', async () => {
    const report = await hostile('takes-memory', { memoryLimit: 400 * MIB }).render(requestFor());
    expect(report.notes).toEqual(['Not enough memory at first, so the image was rendered with less memory.']);
  });

  it('reports a process that dies on the processor as a crash', async () => {
    const drawing = hostile('always-dies').render(requestFor());
    await expect(drawing).rejects.toMatchObject({ code: 'crash', message: expect.stringMatching(/exit code 7/) });
  });

  it('ends a process that does not hear that it is cancelled', async () => {
    const stop = new AbortController();
    // It says that it has begun, and nothing more.
    const drawing = hostile('hangs').render(requestFor(), { signal: stop.signal, onEvent: () => stop.abort() });
    await expect(drawing).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is not started again when it is closed while it draws', async () => {
    const engine = hostile('hangs');
    const drawing = engine.render(requestFor());
    const outcome = expect(drawing).rejects.toMatchObject({ code: 'cancelled' });
    await engine.close();
    await outcome;
  });

  it('finds out what there is without the provider that kills it', async () => {
    expect(await hostile('driver-kills').probe()).toEqual([
      { provider: 'cpu', reason: null, precision: 'fp32', speed: 1 },
    ]);
  });
});

describe.runIf(hasSwiftShader)('a GPU in software', () => {
  it('draws the same picture as the processor', async () => {
    const tiles = [{ ...TILE, steps: 1, cfgScale: 1, loraWeights: [0.75] }];
    const request = requestFor({ loras: [file('lora')], tiles });
    const onProcessor = await draw(request);
    await renderer?.close();
    renderer = openRenderer({ provider: 'webgpu' }, { env: swiftShaderEnvironment() });
    const onGpu = await draw(request);
    expect(onGpu.report).toMatchObject({ provider: 'webgpu', precision: 'fp32' });
    expect(distance(onGpu.pictures[0], onProcessor.pictures[0])).toBeLessThanOrEqual(1);
  });

  it('is not taken by itself, because it is slower than the processor', async () => {
    renderer = openRenderer({}, { env: swiftShaderEnvironment() });
    const states = await renderer.probe();
    expect(states.find(({ provider }) => provider === 'webgpu')).toMatchObject({
      reason: expect.stringMatching(/times slower than the CPU/),
    });
    const { report } = await draw(requestFor());
    expect(report.provider).toBe('cpu');
    expect(report.rejected.map(({ provider }) => provider)).toContain('webgpu');
  });
});

/** The largest difference of two pictures, of 255. */
function distance(one: Picture | undefined, other: Picture | undefined): number {
  if (one === undefined || other === undefined || one.pixels.length !== other.pixels.length) return Number.NaN;
  return one.pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - (other.pixels[at] ?? 0))), 0);
}

/** Ends the engine's processes that this one started, as a crash of the native library does. */
function killEngines(): void {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  for (const line of listed.split('\n')) {
    const [, pid, parent] = /^\s*(\d+)\s+(\d+)\s.*engine\/child\.ts/.exec(line) ?? [];
    if (Number(parent) === process.pid) process.kill(Number(pid), 'SIGSEGV');
  }
}
