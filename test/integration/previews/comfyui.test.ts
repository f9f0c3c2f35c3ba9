import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { db } from '#lib/db/index.ts';
import {
  checkComfyServer,
  createPreviewWorker,
  editPreviewSettings,
  getModelPreviews,
  listProfiles,
  type PreviewWorker,
  planModel,
} from '#lib/previews/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { type Bench, makeBench } from '../../support/comfyui-request.ts';
import { startComfy, type TestComfy } from '../../support/comfyui-server.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser, publishModel } from '../../support/files.ts';
import { previewsOf, useSmallProfiles } from './test-renderer.ts';

const bench: Bench = await makeBench();
await useTestEnvironment({ WEIGHHOUSE_COMFYUI_MODELS: bench.models });

let owner: Actor;
let admin: Actor;
let comfy: TestComfy;
let worker: PreviewWorker;
beforeAll(async () => {
  owner = { ...(await makeUser('uploader')), role: 'uploader' };
  admin = { ...(await makeUser('admin')), role: 'admin' };
  await listProfiles(admin);
  await useSmallProfiles();
  comfy = await startComfy({ models: bench.models });
  await editPreviewSettings(admin, { comfyUrl: comfy.url, renderer: { base: 'sd1', name: 'comfyui' } });
  worker = createPreviewWorker({ heartbeatMs: 50 });
});
afterAll(async () => {
  await worker.close();
  await comfy.close();
  await bench.clear();
  await stopQueue();
});

const enter = async (name: string, type: string, seed: number) => {
  const { path } = await bench.make(name, seed);
  const made = await publishModel({ name, type, base: 'sd1', ownerId: owner.id, bytes: readFileSync(path) });
  await planModel(made.modelId);
  return made;
};

it('draws on the ComfyUI that is chosen for a base model, checkpoints and LoRAs, and keeps its pictures alike', async () => {
  const checkpoint = await enter('castle', 'checkpoint', 1);
  const lora = await enter('style', 'lora', 2);
  while (await worker.runNext());
  const { current } = await getModelPreviews(null, lora.modelId);
  expect(current).toMatchObject({
    state: 'done',
    layout: 'sweep',
    done: 3,
    evidence: { engine: expect.stringMatching(/^ComfyUI /) },
    base: { name: 'castle' },
  });
  expect(current?.tiles.map(({ picture }) => /<lora:style:([\d.]+)>/.exec(picture?.infotext ?? '')?.[1])).toEqual([
    '0',
    '0.5',
    '1',
  ]);
  expect(new Set(current?.tiles.map(({ picture }) => picture?.url.split('=')[1])).size).toBe(3);
  // The server has read the very bytes of the store.
  expect(comfy.drawn.every((one) => JSON.stringify(one).includes(checkpoint.sha256))).toBe(true);
});

it('tells an administrator what the server is and can draw, and nobody else', async () => {
  expect(await checkComfyServer(admin)).toMatchObject({
    version: expect.stringMatching(/\d/),
    device: expect.stringMatching(/./),
    bases: expect.arrayContaining([{ base: 'sd1', label: 'SD 1.x', missing: [] }]),
  });
  await expect(checkComfyServer(owner)).rejects.toMatchObject({ code: 'forbidden' });
});

it('says in words that the server is gone, after some tries', async () => {
  const { sha256 } = await enter('tower', 'checkpoint', 3);
  await comfy.close();
  for (let attempt = 0; attempt < 4; attempt += 1) {
    await worker.runNext();
    await db().preview.updateMany({ data: { notBefore: new Date() } });
  }
  const [row] = await previewsOf(sha256);
  expect(row?.state).toBe('failed');
  expect(row?.message).toMatch(/^ComfyUI at http:\/\/127\.0\.0\.1:\d+ does not answer\./);
  expect(row?.attempt).toBe(3);
  await expect(checkComfyServer(admin)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/does not answer/),
  });
});
