import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensorsFile } from '#lib/demo/index.ts';
import { openModels } from '#lib/render/engine/open-models.ts';
import { renderTile } from '#lib/render/engine/render-tile.ts';
import { referenceDevice } from '#lib/render/engine/self-test.ts';
import type { Device } from '#lib/render/engine/session.ts';
import { SessionCache } from '#lib/render/engine/session-cache.ts';
import { TextConditioner } from '#lib/render/engine/text-conditioner.ts';
import { openWeightFile, readNumbers } from '#lib/render/weights/index.ts';
import { PICTURE_CASES, type PictureCase } from '../../fixtures/render/pictures-cases.ts';
import { randomNumbers, randomTensors } from '../../fixtures/render/random-weights.ts';
import { smallCheckpoint, writeSmallCheckpoint } from '../../fixtures/render/small-models.ts';
import { relativeError } from '../../support/onnx-session.ts';

const GOLDENS = join(import.meta.dirname, '../../conformance/goldens/render/pictures.safetensors');
const TOLERANCE = 1e-4;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weighhouse-pictures-'));
  for (const base of new Set(PICTURE_CASES.map((one) => one.base))) {
    writeSmallCheckpoint(join(folder, `${base}.safetensors`), base);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function draw(
  one: PictureCase,
  {
    file = one.base,
    device = referenceDevice(null),
    notes = [],
  }: { file?: string; device?: Device; notes?: string[] } = {},
): Promise<Float32Array> {
  const { base: _, name: __, prediction, ...tile } = one;
  const checkpoint = { path: join(folder, `${file}.safetensors`), name: file };
  const signal = new AbortController().signal;
  const request = { checkpoint, loras: [], embeddings: [], prediction, tiles: [] };
  await using models = await openModels(request, { scratch: folder, signal });
  await using sessions = new SessionCache(device, { fitTogether: true, onLoad: () => {} });
  const conditioner = new TextConditioner(models, device, sessions);
  const tools = { models, device, sessions, conditioner, notes, signal, onStep: () => {} };
  return (await renderTile({ ...tile, loraWeights: [] }, tools)).decoded;
}

describe('whole pictures agree with those that diffusers draws', () => {
  const { tensors } = openWeightFile(GOLDENS);
  it.each(PICTURE_CASES)('$name', async (one) => {
    const golden = tensors.get(`${one.name}/picture`);
    if (golden === undefined) throw new Error(`There is no golden for ${one.name}.`);
    const error = relativeError(await draw(one), readNumbers(golden));
    expect(error).toBeLessThan(TOLERANCE);
  });
});

it('draws the same with weights left as they are stored, where memory is short', async () => {
  const [one] = PICTURE_CASES as readonly [PictureCase];
  const stored = await draw(one, { device: { ...referenceDevice(null), weights: 'stored' } });
  expect(relativeError(stored, await draw(one))).toBeLessThan(1e-5);
});

describe('half precision', () => {
  const [one] = PICTURE_CASES as readonly [PictureCase];
  const half: Device = {
    provider: 'cpu',
    threads: null,
    target: { ...referenceDevice(null).target, precision: 'fp16' },
  };

  it('draws nearly the same', async () => {
    const notes: string[] = [];
    expect(relativeError(await draw(one, { device: half, notes }), await draw(one))).toBeLessThan(0.05);
    expect(notes).toEqual([]);
  });

  it('leaves a VAE that overflows in it to full precision, and says so', async () => {
    const tensors = randomTensors(smallCheckpoint('sd1'), 'F16').map((tensor) => {
      if (tensor.name !== 'first_stage_model.decoder.conv_in.weight') return tensor;
      // Far beyond 65504, and the norm behind it brings the results back.
      const numbers = randomNumbers(tensor.name, tensor.shape).map((number) => number * 1e6);
      return { ...tensor, dtype: 'F32' as const, data: new Uint8Array(numbers.buffer) };
    });
    writeSafetensorsFile(join(folder, 'overflows.safetensors'), { tensors });
    const notes: string[] = [];
    const drawn = await draw(one, { file: 'overflows', device: half, notes });
    expect(notes).toEqual(['The VAE overflowed in half precision, so it ran in full precision.']);
    expect(relativeError(drawn, await draw(one, { file: 'overflows' }))).toBeLessThan(0.05);
  });
});
