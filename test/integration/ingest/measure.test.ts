import { afterAll, beforeAll, expect, it } from 'vitest';
import { getModel } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { measureFile } from '#lib/ingest/index.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
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

const embedding = (numbers: Float32Array) =>
  makeZip([
    {
      name: 'archive/data.pkl',
      bytes: makeStateDict([
        { storage: 'FloatStorage', key: '0', elements: 768, name: 'emb_params', shape: [1, 768], stride: [768, 1] },
      ]),
    },
    { name: 'archive/data/0', bytes: Buffer.from(numbers.buffer) },
  ]);

it('reads the numbers of a file when somebody asks, and says what is broken', async () => {
  const owner = await asActor('uploader');
  const numbers = Float32Array.from({ length: 768 }, (_, index) => index - 383);
  numbers[5] = Number.NaN;
  const { fileId } = await enterBytes('broken.pt', embedding(numbers), owner.id);
  const load = async () => {
    const { version } = await db().modelFile.findUniqueOrThrow({ where: { id: fileId }, include: { version: true } });
    return (await getModel(owner, version.modelId))?.versions[0]?.files[0];
  };
  await expect.poll(async () => (await load())?.conversion).toBe('converted');
  expect(await load()).toMatchObject({ statistics: null, brokenNumbers: [], measuring: null, may: { measure: true } });

  await expect(measureFile(await asActor('viewer'), fileId)).rejects.toMatchObject({ code: 'forbidden' });
  await measureFile(owner, fileId);
  await expect.poll(async () => (await load())?.statistics).not.toBeNull();
  const file = await load();
  expect(file?.statistics).toMatchObject([{ name: 'emb_params', count: 768, nan: 1, min: -383, max: 384 }]);
  expect(file?.brokenNumbers).toEqual([expect.stringMatching(/^1 weight is not a number \(NaN\), in emb_params\./)]);
  expect(await db().stageRun.count({ where: { fileId, stage: { in: ['scan', 'convert'] } } })).toBe(2);
});

it('says why the numbers of a file that cannot be read stay unread', async () => {
  const owner = await asActor('uploader');
  const { fileId } = await enterBytes('page.pt', Buffer.from('<!DOCTYPE html>'), owner.id);
  await expect
    .poll(async () => (await db().modelFile.findUniqueOrThrow({ where: { id: fileId } })).state)
    .toBe('malformed');
  await expect(measureFile(owner, fileId)).rejects.toMatchObject({ code: 'conflict' });
});
