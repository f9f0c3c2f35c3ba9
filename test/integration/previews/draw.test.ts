import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { deleteModel, parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { listen, type ServiceEvent } from '#lib/events/index.ts';
import { readMetadata } from '#lib/pictures/index.ts';
import { getModelPreviews, listProfiles, type PreviewWorker, planModel } from '#lib/previews/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';
import { createTestRenderer, makePlanned, previewsOf, useSmallProfiles, workerOf } from './test-renderer.ts';

const { home } = await useTestEnvironment();
const storedFiles = () =>
  readdirSync(join(home, 'blobs'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

let owner: Actor;
let admin: Actor;
let renderer: ReturnType<typeof createTestRenderer>;
let worker: PreviewWorker;
beforeAll(async () => {
  owner = { ...(await makeUser('uploader')), role: 'uploader' };
  admin = { ...(await makeUser('admin')), role: 'admin' };
  await listProfiles(admin);
  await useSmallProfiles();
  return stopQueue;
});
beforeEach(() => {
  renderer = createTestRenderer();
  worker = workerOf(renderer);
});
afterEach(async () => {
  await worker.close();
  // Whatever was drawn: with the models their previews and every byte of theirs are gone.
  for (const { id } of await db().model.findMany()) await deleteModel(admin, id);
  expect([await db().preview.count(), await db().picture.count(), await db().blob.count(), storedFiles()]).toEqual([
    0, 0, 0, 0,
  ]);
});

const drain = async () => {
  while (await worker.runNext());
};

it('draws a checkpoint: tiles, grid, infotext, thumbnails, cover and evidence', async () => {
  const { modelId, sha256 } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1', name: 'castle' });
  const before = await getModelPreviews(null, modelId);
  expect(before.current).toMatchObject({ state: 'queued', done: 0, total: 2, ahead: 0, base: null });
  await drain();

  const { current, message } = await getModelPreviews(owner, modelId);
  expect(message).toBeNull();
  expect(current).toMatchObject({
    state: 'done',
    layout: 'samples',
    done: 2,
    total: 2,
    stale: false,
    code: null,
    evidence: { engine: 'test', provider: 'cpu', secondsPerStep: 0.1 },
    axes: { rows: ['Portrait'], columns: ['Seed 1', 'Seed 2'] },
  });
  const [first] = current?.tiles ?? [];
  expect(first).toMatchObject({ row: 0, column: 0, seed: 1, loraWeight: null });
  expect(first?.picture).toMatchObject({ width: 64, height: 64, isCover: true, nsfw: false, uploader: null });
  expect(first?.picture?.blur).toMatch(/^data:image\/webp;base64,/);
  expect(first?.picture?.parameters).toMatchObject({ prompt: 'a person', negativePrompt: 'ugly' });
  expect(current?.grid).toMatchObject({ kind: 'grid' });
  expect(current?.grid?.width).toBeGreaterThan(128);

  const [row] = await previewsOf(sha256);
  const stored = row?.pictures.find(({ kind, tile }) => kind === 'tile' && tile === 1);
  const png = readFileSync(blobStore().pathOf(stored?.sha256 ?? ''));
  const metadata = await readMetadata(png);
  expect(metadata).toMatchObject({
    generator: 'Weighhouse',
    parameters: {
      prompt: 'a person',
      seed: '2',
      steps: 2,
      cfgScale: 7,
      model: 'castle',
      modelHash: sha256.slice(0, 10),
    },
  });
  expect(
    await readMetadata(
      readFileSync(blobStore().pathOf(row?.pictures.find(({ kind }) => kind === 'grid')?.sha256 ?? '')),
    ),
  ).toMatchObject({
    parameters: { other: { Script: 'X/Y/Z plot', 'X Type': 'Seed' } },
  });
  expect(
    readFileSync(blobStore().pathOf(stored?.thumbnailSha256 ?? ''))
      .subarray(8, 12)
      .toString(),
  ).toBe('WEBP');

  const { rows } = await searchModels(null, parseCatalogQuery(new URLSearchParams()));
  expect(rows.find(({ id }) => id === modelId)?.cover).toMatchObject({
    pictureId: first?.picture?.id,
    width: 64,
    nsfw: false,
  });
});

it('sweeps a LoRA on the checkpoint of its base model, with its hashes in the infotext', async () => {
  const base = await makePlanned(owner, { type: 'checkpoint', base: 'sd1', name: 'base' });
  await db().blob.update({ where: { sha256: base.sha256 }, data: { autoV3: null } });
  const lora = await makePlanned(owner, {
    type: 'lora',
    base: 'sd1',
    name: 'style',
    metadata: { 'modelspec.trigger_phrase': 'sks style' },
  });
  await db().blob.update({ where: { sha256: lora.sha256 }, data: { autoV3: 'c'.repeat(64) } });
  await drain();
  const request = renderer.requests.find(({ loras }) => loras.length > 0);
  expect(request?.checkpoint).toEqual({ path: blobStore().pathOf(base.sha256), name: 'base' });
  expect(request?.loras).toEqual([{ path: blobStore().pathOf(lora.sha256), name: 'style' }]);
  expect(request?.tiles.map(({ loraWeights, prompt }) => [loraWeights, prompt])).toEqual([
    [[0], 'sks style, a person'],
    [[0.5], 'sks style, a person'],
    [[1], 'sks style, a person'],
  ]);
  const { current } = await getModelPreviews(null, lora.modelId);
  expect(current).toMatchObject({
    layout: 'sweep',
    base: { name: 'base', model: { id: base.modelId } },
    axes: { columns: ['LoRA weight 0', 'LoRA weight 0.5', 'LoRA weight 1'] },
  });
  expect(current?.notes.join()).toContain('Trigger words in the prompt: “sks style”.');
  const [, half, full] = current?.tiles ?? [];
  expect(full?.picture?.isCover).toBe(true);
  expect(half?.picture?.infotext).toContain('<lora:style:0.5>');
  expect(half?.picture?.infotext).toContain(`Lora hashes: "style: ${'c'.repeat(12)}"`);
});

it('draws nothing twice: the same file, profile and version are one preview', async () => {
  const { modelId, sha256 } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  await planModel(modelId);
  await drain();
  await planModel(modelId);
  await Promise.all([planModel(modelId), planModel(modelId)]);
  expect(await drainCount()).toBe(0);
  expect(await previewsOf(sha256)).toHaveLength(1);
  expect(renderer.requests).toHaveLength(1);
});

const drainCount = async () => {
  let count = 0;
  while (await worker.runNext()) count += 1;
  return count;
};

it('tells of every tile, and everybody of a published model', async () => {
  const heard: Extract<ServiceEvent, { kind: 'preview' }>[] = [];
  const unlisten = await listen((event) => {
    if (event.kind === 'preview') heard.push(event);
  });
  const { modelId } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  await drain();
  await expect.poll(() => heard.at(-1)?.state).toBe('done');
  unlisten();
  const own = heard.filter((event) => event.modelId === modelId);
  expect(
    own.map(({ state, done, total }) => `${state} ${done}/${total}`).filter((one, at, all) => all[at - 1] !== one),
  ).toEqual(['queued 0/2', 'rendering 0/2', 'rendering 1/2', 'rendering 2/2', 'done 2/2']);
  expect(own[0]).toMatchObject({ ownerId: owner.id, published: true });
});

it('shows each tile while the others are still being drawn', async () => {
  const { modelId } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  let seen = -1;
  renderer.before = async (tile) => {
    if (tile === 1)
      await expect
        .poll(async () => {
          const { current } = await getModelPreviews(null, modelId);
          seen = current?.tiles.filter(({ picture }) => picture !== null).length ?? -1;
          return [current?.state, seen];
        })
        .toEqual(['rendering', 1]);
  };
  await drain();
  expect(seen).toBe(1);
});

it('draws a model anew when it turns out to be another thing, and keeps nothing that was only planned', async () => {
  const base = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' });
  await drain();
  const { modelId, sha256 } = await makePlanned(owner, { type: 'unknown', base: 'unknown' });
  expect((await previewsOf(sha256)).map(({ state }) => state)).toEqual(['not_applicable']);
  await db().model.update({ where: { id: modelId }, data: { type: 'lora', base: 'sd1' } });
  await planModel(modelId);
  expect((await previewsOf(sha256)).map(({ state, hostSha256 }) => [state, hostSha256])).toEqual([
    ['queued', base.sha256],
  ]);
  await drain();
  await db().model.update({ where: { id: modelId }, data: { type: 'embedding' } });
  await planModel(modelId);
  await drain();
  const [row] = await previewsOf(sha256);
  // Two tiles now instead of three: the third is gone, and its bytes with it.
  expect(row?.pictures.filter(({ kind }) => kind === 'tile')).toHaveLength(2);
  const kept = await db().blob.findMany({
    where: { sources: { none: {} }, converted: { none: {} }, pictures: { none: {} }, thumbnails: { none: {} } },
  });
  expect(kept).toEqual([]);
});
