import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import { deleteModel } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { insertText, readMetadata } from '#lib/pictures/index.ts';
import {
  chooseCover,
  deletePicture,
  flagPicture,
  getModelPreviews,
  listProfiles,
  readPicture,
  uploadPicture,
} from '#lib/previews/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';
import { createTestRenderer, makePlanned, useSmallProfiles, workerOf } from './test-renderer.ts';

await useTestEnvironment();

let owner: Actor;
let other: Actor;
let viewer: Actor;
let admin: Actor;
let modelId: number;
beforeAll(async () => {
  owner = { ...(await makeUser('uploader')), role: 'uploader' };
  other = { ...(await makeUser('uploader')), role: 'uploader' };
  viewer = { ...(await makeUser('viewer')), role: 'viewer' };
  admin = { ...(await makeUser('admin')), role: 'admin' };
  await listProfiles(admin);
  await useSmallProfiles();
  ({ modelId } = await makePlanned(owner, { type: 'checkpoint', base: 'sd1' }));
  const worker = workerOf(createTestRenderer());
  await worker.runNext();
  await worker.close();
  return stopQueue;
});
afterAll(async () => {
  await deleteModel(admin, modelId);
  expect(await db().blob.count()).toBe(0);
});

const INFOTEXT =
  'a red house\nNegative prompt: rain\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 32x24, Version: v1.10.1';
const paint = async (colour = '#c00', infotext: string | null = INFOTEXT) => {
  const png = await sharp({ create: { width: 32, height: 24, channels: 3, background: colour } })
    .png()
    .toBuffer();
  return infotext === null ? png : insertText(png, 'parameters', infotext);
};
const bring = async (actor: Actor | null = owner, bytes?: Uint8Array, filename = 'house.png') =>
  uploadPicture(actor, modelId, { read: async () => bytes ?? (await paint()), filename });

describe('a picture that somebody brings', () => {
  it('is kept with what it says of itself', async () => {
    const made = await bring();
    expect(made).toMatchObject({
      kind: 'user',
      width: 32,
      height: 24,
      seed: 42,
      generator: 'A1111',
      uploader: 'uploader',
      nsfw: false,
      parameters: { prompt: 'a red house', negativePrompt: 'rain' },
      may: { flag: true, cover: true, delete: true },
    });
    expect(made.infotext).toBe(INFOTEXT);
    expect(made.parameters?.fields).toContainEqual({ label: 'Sampler', value: 'Euler a' });
    const { sha256, size, mediaType } = await readPicture(null, made.id, 'picture');
    const bytes = readFileSync(blobStore().pathOf(sha256));
    expect([bytes.length, mediaType]).toEqual([size, 'image/png']);
    expect((await readMetadata(bytes))?.raw).toBe(INFOTEXT);
    expect((await readPicture(null, made.id, 'thumbnail')).mediaType).toBe('image/webp');
    await deletePicture(owner, made.id);
  });

  it.each([
    ['../../etc/passwd', 'passwd.png'],
    ['a "quoted"\nname.jpeg', 'a quoted name.png'],
    ['', 'picture.png'],
  ])('called %j is kept as %s', async (filename, kept) => {
    const { id } = await bring(owner, undefined, filename);
    expect((await db().picture.findUniqueOrThrow({ where: { id } })).filename).toBe(kept);
    await deletePicture(owner, id);
  });

  it('is refused from people who may not, and where it is none', async () => {
    await expect(bring(null)).rejects.toMatchObject({ code: 'not_signed_in' });
    await expect(bring(other)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(bring(owner, Buffer.from('<svg onload="echo(1)"/>'))).rejects.toMatchObject({ code: 'unsupported' });
    await expect(bring(owner, Buffer.alloc(0))).rejects.toMatchObject({ code: 'bad_request' });
  });

  it('shares its bytes with the same picture, which stay until both are gone', async () => {
    const [first, second] = [await bring(), await bring()];
    const { sha256 } = await readPicture(null, first.id, 'picture');
    await deletePicture(owner, first.id);
    expect(await blobStore().has(sha256)).toBe(true);
    await deletePicture(admin, second.id);
    expect(await blobStore().has(sha256)).toBe(false);
    await expect(readPicture(null, second.id, 'picture')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('comes in while the same bytes are dropped, again and again', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { id } = await bring();
      const [again] = await Promise.all([bring(), deletePicture(owner, id)]);
      const { sha256 } = await readPicture(null, again.id, 'picture');
      expect(await blobStore().has(sha256)).toBe(true);
      await deletePicture(owner, again.id);
      expect(await blobStore().has(sha256)).toBe(false);
    }
  });
});

it('is taken away by nobody else, and what was drawn by nobody at all', async () => {
  const { id } = await bring();
  await expect(deletePicture(other, id)).rejects.toMatchObject({ code: 'forbidden' });
  await deletePicture(owner, id);
  const { current } = await getModelPreviews(owner, modelId);
  await expect(deletePicture(owner, current?.tiles[0]?.picture?.id ?? 0)).rejects.toMatchObject({ code: 'conflict' });
});

it('is flagged by people who may, and that is logged', async () => {
  const { id } = await bring();
  await expect(flagPicture(viewer, id, true)).rejects.toMatchObject({ code: 'forbidden' });
  expect(await flagPicture(other, id, true)).toMatchObject({ id, nsfw: true });
  expect((await getModelPreviews(null, modelId)).pictures).toMatchObject([{ id, nsfw: true }]);
  const entry = await db().auditEntry.findFirstOrThrow({ where: { action: 'picture.flag' } });
  expect(entry).toMatchObject({ actor: other.id, after: { pictureId: id, nsfw: true } });
  await deletePicture(owner, id);
});

it('lets people choose the cover, and takes the best tile where they give the choice back', async () => {
  const coverOf = async () => (await db().model.findUniqueOrThrow({ where: { id: modelId } })).coverId;
  const { current } = await getModelPreviews(owner, modelId);
  const [first, second] = (current?.tiles ?? []).map(({ picture }) => picture?.id);
  expect(await coverOf()).toBe(first);
  await expect(chooseCover(other, modelId, second ?? 0)).rejects.toMatchObject({ code: 'forbidden' });
  await chooseCover(owner, modelId, second ?? 0);
  expect(await coverOf()).toBe(second);

  const { id } = await bring();
  await chooseCover(owner, modelId, id);
  expect(await coverOf()).toBe(id);
  await deletePicture(owner, id);
  expect(await coverOf()).toBeNull();
  await chooseCover(owner, modelId, null);
  expect(await coverOf()).toBe(first);

  const foreign = await makePlanned(owner, { type: 'upscaler', base: 'unknown' });
  await expect(chooseCover(owner, foreign.modelId, first ?? 0)).rejects.toMatchObject({ code: 'not_found' });
  await deleteModel(admin, foreign.modelId);
});

it('is not seen with a model that may not be seen', async () => {
  const { id } = await bring();
  await db().model.update({ where: { id: modelId }, data: { published: false } });
  await expect(readPicture(null, id, 'picture')).rejects.toMatchObject({ code: 'not_found' });
  await expect(readPicture(other, id, 'thumbnail')).rejects.toMatchObject({ code: 'not_found' });
  await expect(getModelPreviews(null, modelId)).rejects.toMatchObject({ code: 'not_found' });
  expect((await readPicture(owner, id, 'picture')).size).toBeGreaterThan(0);
  await db().model.update({ where: { id: modelId }, data: { published: true } });
  await deletePicture(owner, id);
});
