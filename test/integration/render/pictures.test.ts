import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawTile } from '../../../lib/render/engine/draw-tile.ts';
import { openModels } from '../../../lib/render/engine/open-models.ts';
import { referenceDevice } from '../../../lib/render/engine/self-test.ts';
import { SessionCache } from '../../../lib/render/engine/session-cache.ts';
import { TextConditioner } from '../../../lib/render/engine/text-conditioner.ts';
import { openWeightFile, readNumbers } from '../../../lib/render/weights/index.ts';
import { PICTURE_CASES, type PictureCase } from '../../fixtures/render/pictures-cases.ts';
import { writeSmallCheckpoint } from '../../fixtures/render/small-models.ts';
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

async function draw(one: PictureCase): Promise<Float32Array> {
  const { base, name: _, prediction, ...tile } = one;
  const device = referenceDevice(null);
  const checkpoint = { path: join(folder, `${base}.safetensors`), name: base };
  const signal = new AbortController().signal;
  const request = { checkpoint, loras: [], embeddings: [], prediction, tiles: [] };
  await using models = await openModels(request, { scratch: folder, signal });
  await using sessions = new SessionCache(device, { fitTogether: true, onLoad: () => {} });
  const conditioner = new TextConditioner(models, device, sessions);
  const tools = { models, device, sessions, conditioner, notes: [], signal, onStep: () => {} };
  return (await drawTile({ ...tile, loraWeights: [] }, tools)).decoded;
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
