import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ComfyLimits, openComfyRenderer } from '#lib/comfyui/index.ts';
import type { RenderEvent } from '#lib/render/index.ts';
import { type Bench, makeBench, makeBroken, requestOf, tileOf } from '../../support/comfyui-request.ts';
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

interface DrawOptions {
  tiles?: Parameters<typeof requestOf>[0]['tiles'];
  limits?: Partial<ComfyLimits>;
  signal?: AbortSignal;
  onEvent?: (event: RenderEvent) => void;
}

async function draw({ tiles = [tileOf()], limits = {}, ...options }: DrawOptions = {}) {
  const checkpoint = await bench.make('base', 1);
  const renderer = openComfyRenderer({
    address: comfy.url,
    sharedFolder: { path: bench.models, maxBytes: 1e9 },
    limits,
  });
  try {
    return await renderer.render(await requestOf({ checkpoint, tiles }), options);
  } finally {
    await renderer.close();
  }
}

describe('trouble at a ComfyUI', () => {
  it('out of memory is told as such, with the words and the node', async () => {
    await start();
    comfy.fault = {
      kind: 'error',
      node: 'KSampler',
      type: 'torch.OutOfMemoryError',
      message: 'Allocation on device 0 would exceed allowed memory.',
    };
    await expect(draw()).rejects.toMatchObject({
      code: 'out_of_memory',
      message: 'ComfyUI ran out of memory in KSampler: Allocation on device 0 would exceed allowed memory.',
    });
    // The server goes on, and so does the renderer.
    comfy.fault = undefined;
    await expect(draw()).resolves.toMatchObject({ notes: [] });
  });

  it('an error of a node is told with its words, also when the socket was down', async () => {
    await start();
    comfy.fault = {
      kind: 'error',
      node: 'VAEDecode',
      type: 'RuntimeError',
      message: 'Given groups=1, weight of size [512, 16, 3, 3]',
    };
    const told = {
      code: 'crash',
      message: 'ComfyUI failed in VAEDecode: Given groups=1, weight of size [512, 16, 3, 3]',
    };
    await expect(draw()).rejects.toMatchObject(told);
    comfy.refusesSockets = true;
    await expect(draw()).rejects.toMatchObject(told);
  });

  it('a file that is no model does not load', async () => {
    await start();
    const checkpoint = await makeBroken(bench.root, 'broken');
    const renderer = openComfyRenderer({ address: comfy.url, sharedFolder: { path: bench.models, maxBytes: 1e9 } });
    const request = await requestOf({ checkpoint, tiles: [tileOf()], parts: { textEncoders: true, vae: true } });
    await expect(renderer.render(request)).rejects.toMatchObject({
      code: 'load_mismatch',
      message: expect.stringContaining('(CheckpointLoaderSimple): Error while deserializing header'),
    });
    await renderer.close();
  });

  it('what the nodes refuse is told in their words', async () => {
    await start();
    await expect(draw({ tiles: [tileOf({ steps: 20_000 })] })).rejects.toMatchObject({
      code: 'bad_request',
      message: 'ComfyUI rejected the workflow. KSampler: Value 20000 bigger than max of 10000 (steps)',
    });
  });

  it.each([0, 2])('a socket that is cut at step %i loses no picture', async (atStep) => {
    await start();
    comfy.fault = { kind: 'cut-sockets', node: 'KSampler', ...(atStep > 0 ? { atStep } : {}) };
    const events: RenderEvent[] = [];
    await draw({ tiles: [tileOf({ steps: 20 }), tileOf({ seed: 1 })], onEvent: (event) => events.push(event) });
    expect(events.filter(({ kind }) => kind === 'tile')).toHaveLength(2);
    // It came back under the same name, and the rest of the steps with it.
    const steps = events
      .filter((event) => event.kind === 'step' && event.tile === 0)
      .map((event) => event.kind === 'step' && event.step);
    expect(steps.at(-1)).toBe(20);
    expect(steps.length).toBeLessThan(20);
  });

  it('a server that hangs is given up, and told to stop', async () => {
    await start();
    comfy.fault = { kind: 'hang', node: 'KSampler', atStep: 2 };
    await expect(draw({ limits: { silence: 1 } })).rejects.toMatchObject({
      code: 'time_limit',
      message: 'ComfyUI reported no progress for 1 seconds.',
    });
    await expect.poll(() => comfy.interrupted).toHaveLength(1);
  });

  it('a server that goes away is told by its address', async () => {
    await start();
    comfy.fault = { kind: 'hang', node: 'KSampler', atStep: 2 };
    const gone = draw({ limits: { unreachable: 0.5 }, onEvent: ({ kind }) => kind === 'step' && void comfy.close() });
    await expect(gone).rejects.toMatchObject({
      code: 'device_lost',
      message: expect.stringContaining(`ComfyUI at ${comfy.url} does not answer. Check that it is running`),
    });
    await expect(draw()).rejects.toMatchObject({ code: 'device_lost' });
  });

  it('a server that forgot the picture is found out', async () => {
    await start();
    comfy.fault = { kind: 'hang', node: 'KSampler', atStep: 2 };
    const forgotten = draw({
      onEvent({ kind }) {
        if (kind !== 'step') return;
        comfy.forget();
        comfy.cutSockets();
      },
    });
    await expect(forgotten).rejects.toMatchObject({
      code: 'crash',
      message: expect.stringContaining('lost the image'),
    });
  });

  it.each([
    ['system_stats', 'bad_request', 'is not ComfyUI'],
    ['object_info', 'bad_request', 'is not ComfyUI'],
    ['prompt', 'bad_request', 'is not ComfyUI'],
    ['history', 'bad_request', 'is not ComfyUI'],
    ['view', 'crash', 'did not return a valid image'],
    ['pictures', 'crash', 'did not return a valid image'],
  ])('garbage in the place of %s is told as such', async (path, code, words) => {
    await start();
    comfy.garbage.add(path);
    await expect(draw()).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });

  it('a picture that is black all over is told as an overflow', async () => {
    await start();
    comfy.fault = { kind: 'black', node: 'VAEDecode' };
    await expect(draw()).rejects.toMatchObject({ code: 'nan_output' });
  });

  it("a person's interruption at ComfyUI counts as cancelling", async () => {
    await start();
    comfy.fault = { kind: 'hang', node: 'KSampler', atStep: 3 };
    const stopped = draw({
      onEvent: (event) =>
        event.kind === 'step' &&
        event.step === 2 &&
        void fetch(`${comfy.url}/interrupt`, { method: 'POST', body: '{}' }),
    });
    await expect(stopped).rejects.toMatchObject({
      code: 'cancelled',
      message: 'Rendering was interrupted in ComfyUI.',
    });
  });
});

describe('cancelling', () => {
  it.each([false, true])('interrupts the picture that is drawn (server of 2023: %s)', async (isOld) => {
    await start({ isOld });
    comfy.fault = { kind: 'hang', node: 'KSampler', atStep: 4 };
    const cancel = new AbortController();
    const events: RenderEvent[] = [];
    const cancelled = draw({
      tiles: [tileOf(), tileOf()],
      signal: cancel.signal,
      onEvent(event) {
        events.push(event);
        if (event.kind === 'step' && event.step === 3) cancel.abort();
      },
    });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => comfy.interrupted).toHaveLength(1);
    expect(comfy.graphs).toHaveLength(1);
    expect(events.filter(({ kind }) => kind === 'tile')).toEqual([]);
  });

  it.each([false, true])(
    "takes a waiting picture out of the queue and leaves others' work alone (server of 2023: %s)",
    async (isOld) => {
      await start({ isOld });
      comfy.occupy();
      const cancel = new AbortController();
      const cancelled = draw({ signal: cancel.signal });
      await expect.poll(() => comfy.graphs).toHaveLength(1);
      cancel.abort();
      await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
      expect(comfy.deleted).toHaveLength(1);
      expect(comfy.interrupted).toEqual([]);
    },
  );

  it('before anything was asked asks nothing', async () => {
    await start();
    await expect(draw({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    expect(comfy.graphs).toEqual([]);
  });

  it('happens when the renderer is closed, which waits for it', async () => {
    await start();
    comfy.fault = { kind: 'hang', node: 'KSampler', atStep: 2 };
    const checkpoint = await bench.make('base', 1);
    const renderer = openComfyRenderer({ address: comfy.url, sharedFolder: { path: bench.models, maxBytes: 1e9 } });
    const drawing = renderer.render(await requestOf({ checkpoint, tiles: [tileOf()] }));
    const told = expect(drawing).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => comfy.ran).toContain('KSampler');
    await renderer.close();
    await told;
    expect(comfy.interrupted).toHaveLength(1);
  });

  it('waiting in the queue ends by itself after the limit', async () => {
    await start();
    comfy.occupy();
    await expect(draw({ limits: { queue: 0.2 } })).rejects.toMatchObject({
      code: 'time_limit',
      message: expect.stringContaining('1 others are still ahead of it'),
    });
    expect(comfy.deleted).toHaveLength(1);
  });
});
