import { afterAll, beforeAll, expect, it } from 'vitest';
import { BULK_CHANGE, changeModels, editModel, getModel, parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser } from '../../support/files.ts';
import { waitFor } from '../../support/wait-for.ts';

await useTestEnvironment();

const asActor = async (role: 'uploader' | 'moderator') => ({ ...(await makeUser(role)), role });
type Person = Awaited<ReturnType<typeof asActor>>;
let owner: Person;
let stranger: Person;
let moderator: Person;
let worker: Worker;
/** Two embeddings for SD 1.x, and a file in which nothing says what it is for. */
let one: number;
let two: number;
let odd: number;

const tensorFile = (name: string, width: number) =>
  makeZip([
    {
      name: 'archive/data.pkl',
      bytes: makeStateDict([
        { storage: 'FloatStorage', key: '0', elements: width, name, shape: [1, width], stride: [width, 1] },
      ]),
    },
    { name: 'archive/data/0', bytes: Buffer.from(Float32Array.from({ length: width }, Math.sin).buffer) },
  ]);

async function enter(filename: string, bytes: Uint8Array): Promise<number> {
  const { fileId } = await enterBytes(filename, bytes, owner.id);
  const load = () => db().modelFile.findUniqueOrThrow({ where: { id: fileId }, include: { version: true } });
  return (await waitFor(load, ({ conversion }) => conversion === 'converted')).version.modelId;
}

beforeAll(async () => {
  [owner, stranger, moderator] = await Promise.all([asActor('uploader'), asActor('uploader'), asActor('moderator')]);
  worker = await startWorker(['ingest']);
  [one, two, odd] = await Promise.all([
    enter('one.pt', tensorFile('emb_params', 768)),
    enter('two.pt', tensorFile('emb_params', 1024)),
    enter('odd.pt', tensorFile('nobody.knows', 33)),
  ]);
});
afterAll(() => worker.stop());

const find = (text: string, actor: Person | null = null) =>
  searchModels(actor, parseCatalogQuery(new URLSearchParams(text)));
const load = async (id: number) => {
  const model = await getModel(moderator, id);
  if (model === null) throw new Error(`There is no model ${id}.`);
  return model;
};

it('lists what nothing in the file tells, until a person says it', async () => {
  const before = await find('unknown=true');
  expect([before.rows.map(({ id }) => id), before.unknown]).toEqual([[odd], 1]);

  expect(await changeModels(owner, { ids: [odd], type: 'embedding', base: 'sd1' })).toEqual({
    changed: [odd],
    refused: [],
  });
  expect(await load(odd)).toMatchObject({ type: 'embedding', typeSource: 'user', base: 'sd1', baseSource: 'user' });
  expect(await find('unknown=true')).toMatchObject({ rows: [], unknown: 0 });
  expect((await find('')).unknown).toBe(0);
});

it('changes many, and says for each that stays why', async () => {
  await editModel(owner, one, { tags: ['first'] });
  const result = await changeModels(owner, { ids: [one, two, 999_999], addTags: ['Batch', 'first'] });
  expect(result).toEqual({ changed: [one, two], refused: [{ id: 999_999, message: 'Model not found.' }] });
  expect((await load(one)).tags.toSorted()).toEqual(['batch', 'first']);

  const foreign = await changeModels(stranger, { ids: [one], base: 'sdxl' });
  expect(foreign).toEqual({
    changed: [],
    refused: [{ id: one, message: expect.stringMatching(/does not allow this/) }],
  });
  await expect(changeModels(null, { ids: [one], base: 'sdxl' })).rejects.toMatchObject({ code: 'not_signed_in' });
  expect(await load(one)).toMatchObject({ base: 'sd1', baseSource: 'weights' });

  const full = Array.from({ length: 50 }, (_, index) => `t${index}`);
  expect(await changeModels(owner, { ids: [one], addTags: full })).toMatchObject({ refused: [{ id: one }] });
});

it.each([
  [{ ids: [] }],
  [{ ids: [1] }],
  [{ ids: [1.5], base: 'sd1' }],
  [{ ids: Array.from({ length: 101 }, (_, index) => index + 1), base: 'sd1' }],
  [{ ids: [1], base: 'sd1', name: 'all the same' }],
])('refuses %j', (body) => {
  expect(BULK_CHANGE.safeParse(body).success).toBe(false);
});

it('refuses a base that the catalog does not know, and changes nothing', async () => {
  await expect(changeModels(owner, { ids: [one, two], base: 'sd9' })).rejects.toThrow(/base model/);
  expect(await load(two)).toMatchObject({ baseSource: 'weights' });
});

it('tells who may change a model', async () => {
  const editable = async (actor: Person | null) => (await find('', actor)).rows.filter((row) => row.editable).length;
  expect([await editable(null), await editable(stranger), await editable(owner), await editable(moderator)]).toEqual([
    0, 0, 3, 3,
  ]);
});

it('identifies again, keeps what a person set, and does no other stage twice', async () => {
  await changeModels(owner, { ids: [two], base: 'sdxl' });
  for (const modelId of [one, two]) {
    await db().modelFile.updateMany({
      where: { version: { modelId } },
      data: { identity: { type: 'lora', base: 'flux1', family: 'pony' } },
    });
    await db().model.updateMany({ where: { id: one }, data: { type: 'lora', base: 'flux1', family: 'pony' } });
  }
  expect((await find('family=pony')).rows.map(({ id }) => id)).toEqual([one]);
  expect((await find('')).facets.family).toEqual([{ value: 'pony', count: 1 }]);

  const runs = () => db().stageRun.count({ where: { stage: { not: 'identify' } } });
  const before = await runs();
  expect(await changeModels(moderator, { ids: [one, two], identify: true })).toEqual({
    changed: [one, two],
    refused: [],
  });
  const found = async (id: number) => (await load(id)).versions[0]?.files[0]?.identity;
  await expect.poll(() => found(one)).toMatchObject({ type: 'embedding', base: 'sd1' });
  await expect.poll(() => found(two)).toMatchObject({ type: 'embedding', base: 'sd2' });
  expect([await load(one), await load(two)]).toMatchObject([
    { type: 'embedding', base: 'sd1' },
    { type: 'embedding', base: 'sdxl', baseSource: 'user' },
  ]);
  expect((await find('family=pony')).total).toBe(0);
  expect(await runs()).toBe(before);
});
