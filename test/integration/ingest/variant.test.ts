import { afterAll, beforeAll, expect, it } from 'vitest';
import { getModel } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { convertAgain } from '#lib/ingest/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { readSafetensorsHeader } from '#scanner/containers/index.ts';
import { openFileSource } from '#scanner/source.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { makeGguf } from '../../fixtures/gguf.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser } from '../../support/files.ts';

await useTestEnvironment();

const asActor = async (role: 'viewer' | 'uploader') => ({ ...(await makeUser(role)), role });
let worker: Worker;
beforeAll(async () => {
  worker = await startWorker(['ingest']);
});
afterAll(() => worker.stop());

const embedding = (scale: number) =>
  makeZip([
    {
      name: 'archive/data.pkl',
      bytes: makeStateDict([
        { storage: 'FloatStorage', key: '0', elements: 768, name: 'emb_params', shape: [1, 768], stride: [768, 1] },
      ]),
    },
    { name: 'archive/data/0', bytes: Buffer.from(Float32Array.from({ length: 768 }, (_, i) => i / scale).buffer) },
  ]);

it('converts again into a further version with hashes of its own, and the model stays what it is', async () => {
  const owner = await asActor('uploader');
  const { fileId } = await enterBytes('style.pt', embedding(256), owner.id);
  const { version } = await db().modelFile.findUniqueOrThrow({ where: { id: fileId }, include: { version: true } });
  const load = async () => await getModel(owner, version.modelId);
  await expect.poll(async () => (await load())?.versions[0]?.files[0]?.conversion).toBe('converted');
  const before = await load();
  expect(before?.versions[0]?.files[0]).toMatchObject({ variant: null, may: { convertAgain: true } });

  await expect(convertAgain(await asActor('viewer'), fileId, { dtype: 'F16' })).rejects.toMatchObject({
    code: 'forbidden',
  });
  await expect(convertAgain(await asActor('uploader'), fileId, { dtype: 'F16' })).rejects.toMatchObject({
    code: 'forbidden',
  });
  await expect(convertAgain(owner, fileId, { stripTraining: false })).rejects.toMatchObject({ code: 'bad_request' });

  await convertAgain(owner, fileId, { dtype: 'F16' });
  await expect.poll(async () => (await load())?.versions[1]?.files[0]?.conversion).toBe('converted');
  const after = await load();
  const [own, made] = after?.versions ?? [];
  expect(own).toMatchObject({ name: 'v1', files: [{ id: fileId, variant: { state: 'done', message: null } }] });
  expect(made).toMatchObject({
    name: 'v1, F16',
    files: [{ filename: 'style-f16.safetensors', state: 'clean', tensors: [{ dtype: 'F16', shape: [1, 768] }] }],
  });
  expect(after).toMatchObject({ type: before?.type, base: before?.base, verdict: 'clean' });
  expect(await db().model.findUnique({ where: { id: version.modelId } })).toMatchObject({
    size: (await db().modelFile.findUniqueOrThrow({ where: { id: fileId }, include: { converted: true } })).converted
      ?.size,
  });

  const hashes = made?.files[0]?.hashes;
  expect(hashes?.sha256).not.toBe(own?.files[0]?.converted?.hashes.sha256);
  expect([hashes?.autov3, hashes?.blake3, hashes?.crc32].every((hash) => typeof hash === 'string')).toBe(true);
  using written = openFileSource(blobStore().pathOf(hashes?.sha256 ?? ''));
  const { metadata } = readSafetensorsHeader(written);
  expect(metadata.get('weighhouse.source_sha256')).toBe(own?.files[0]?.hashes.sha256);

  // The same once more gives the same bytes, which are there.
  await convertAgain(owner, fileId, { dtype: 'F16' });
  await expect
    .poll(async () => (await load())?.versions[0]?.files[0]?.variant?.message)
    .toBe('The catalog already has this file, so no version was added.');
  expect((await load())?.versions).toHaveLength(2);
});

it('says why a file has no such part, and leaves everything as it is', async () => {
  const owner = await asActor('uploader');
  const { fileId } = await enterBytes('other.pt', embedding(512), owner.id);
  const load = async () => {
    const { version } = await db().modelFile.findUniqueOrThrow({ where: { id: fileId }, include: { version: true } });
    return await getModel(owner, version.modelId);
  };
  await expect.poll(async () => (await load())?.versions[0]?.files[0]?.conversion).toBe('converted');
  const before = (await load())?.versions.length;
  await convertAgain(owner, fileId, { only: 'vae' });
  await expect
    .poll(async () => (await load())?.versions[0]?.files[0]?.variant)
    .toMatchObject({
      state: 'failed',
      message: expect.stringContaining('has no VAE'),
    });
  expect((await load())?.versions).toHaveLength(before ?? 0);
});

it('offers a GGUF as it is, and converts it when somebody asks for it', async () => {
  const owner = await asActor('uploader');
  const data = Buffer.alloc(18 * 48, 0x3c);
  const bytes = makeGguf({ tensors: [{ name: 'emb_params', type: 2, shape: [2, 768], data }] });
  const { fileId } = await enterBytes('style.gguf', bytes, owner.id);
  const { version } = await db().modelFile.findUniqueOrThrow({ where: { id: fileId }, include: { version: true } });
  const load = async () => await getModel(owner, version.modelId);
  await expect.poll(async () => (await load())?.versions[0]?.files[0]?.conversion).toBe('not_convertible');
  expect(await load()).toMatchObject({
    published: true,
    verdict: 'clean',
    versions: [
      {
        files: [
          {
            container: 'gguf',
            converted: null,
            identity: { parameters: 1536, precision: ['q4_0'] },
            may: { downloadOriginal: true, downloadConverted: false, convertAgain: true, retry: false },
          },
        ],
      },
    ],
  });

  await convertAgain(owner, fileId, { dtype: 'BF16' });
  await expect.poll(async () => (await load())?.versions[1]?.files[0]?.conversion).toBe('converted');
  expect((await load())?.versions[1]).toMatchObject({
    name: 'v1, BF16',
    files: [{ filename: 'style-bf16.safetensors', tensors: [{ dtype: 'BF16', shape: [2, 768] }] }],
  });
});
