import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Actor } from '#lib/accounts/index.ts';
import {
  cancelBulkJob,
  getBulkJob,
  listBulkItems,
  NEW_BULK_JOB,
  requestBulkJob,
  runBulkJob,
  undoBulkJob,
} from '#lib/bulk/index.ts';
import { editModel, getModel, parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
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

/** Starts a change and does it to its end, as a worker would. */
async function change(
  actor: Actor | null,
  ids: readonly number[],
  action: string,
  params: Record<string, unknown> = {},
) {
  const { id } = await requestBulkJob(actor, NEW_BULK_JOB.parse({ action, params, ids }));
  await runBulkJob(id);
  return { id, ...(await resultOf(id)) };
}

const both = () => [one, two].sort((a, b) => a - b);

async function resultOf(id: number) {
  const admin = await makeUser('admin');
  const { items } = await listBulkItems(admin, id);
  const { state } = await getBulkJob(admin, id);
  return {
    state,
    changed: items.filter((item) => item.state === 'changed').map(({ modelId }) => modelId),
    unchanged: items.filter((item) => item.state === 'unchanged').map(({ modelId }) => modelId),
    refused: items.filter((item) => item.state === 'refused').map(({ modelId, reason }) => [modelId, reason]),
  };
}

it('lists what nothing in the file tells, until a person says it', async () => {
  const before = await find('unknown=true');
  expect([before.rows.map(({ id }) => id), before.unknown]).toEqual([[odd], 1]);

  expect(await change(owner, [odd], 'type', { type: 'embedding' })).toMatchObject({ changed: [odd], refused: [] });
  expect(await change(owner, [odd], 'base', { base: 'sd1' })).toMatchObject({ changed: [odd], refused: [] });
  expect(await load(odd)).toMatchObject({ type: 'embedding', typeSource: 'user', base: 'sd1', baseSource: 'user' });
  expect(await find('unknown=true')).toMatchObject({ rows: [], unknown: 0 });
  expect((await find('')).unknown).toBe(0);
});

it('changes many, and says for each that stays why', async () => {
  await editModel(owner, one, { tags: ['first'] });
  const result = await change(owner, [one, two, 999_999], 'add-tags', { tags: ['Batch', 'first'] });
  expect(result).toMatchObject({ state: 'done', changed: both(), refused: [[999_999, 'Model not found.']] });
  expect((await load(one)).tags.toSorted()).toEqual(['batch', 'first']);
  expect(await change(owner, [one, two], 'add-tags', { tags: ['batch'] })).toMatchObject({ unchanged: both() });

  const foreign = await change(stranger, [one], 'base', { base: 'sdxl' });
  expect(foreign).toMatchObject({ changed: [], refused: [[one, expect.stringMatching(/permission/)]] });
  await expect(change(null, [one], 'base', { base: 'sdxl' })).rejects.toMatchObject({ code: 'not_signed_in' });
  expect(await load(one)).toMatchObject({ base: 'sd1', baseSource: 'weights' });

  const full = Array.from({ length: 50 }, (_, index) => `t${index}`);
  expect(await change(owner, [one], 'add-tags', { tags: full })).toMatchObject({
    refused: [[one, 'A model can have at most 50 tags.']],
  });
});

it('does each action, and takes back what can be taken back', async () => {
  const before = await load(one);
  const cases: [string, Record<string, unknown>, object][] = [
    ['set-tags', { tags: ['x', 'y'] }, { tags: ['x', 'y'] }],
    ['add-tags', { tags: ['a'] }, { tags: expect.arrayContaining(['a', 'batch', 'first']) }],
    ['remove-tags', { tags: ['first'] }, { tags: ['batch'] }],
    ['type', { type: 'lora' }, { type: 'lora', typeSource: 'user' }],
    ['base', { base: 'sdxl' }, { base: 'sdxl', baseSource: 'user' }],
    ['licence', { licence: 'CC0-1.0' }, { licence: 'CC0-1.0' }],
    ['unpublish', {}, { published: false }],
  ];
  for (const [action, params, after] of cases) {
    const { id } = await change(owner, [one], action, params);
    expect(await load(one)).toMatchObject(after);
    const undo = await undoBulkJob(owner, id);
    await runBulkJob(undo.id);
    expect(await load(one)).toMatchObject({
      tags: before.tags,
      type: before.type,
      typeSource: before.typeSource,
      base: before.base,
      baseSource: before.baseSource,
      licence: before.licence,
      published: true,
    });
    await expect(undoBulkJob(owner, id)).rejects.toThrow('already undone');
  }
  await change(owner, [one], 'unpublish');
  expect(await change(owner, [one], 'publish')).toMatchObject({ changed: [one] });
  const { id: deleted } = await db().model.create({
    data: { name: 'gone', slug: 'gone', ownerId: owner.id },
    select: { id: true },
  });
  const { id } = await change(owner, [deleted], 'delete');
  expect(await db().model.count({ where: { id: deleted } })).toBe(0);
  await expect(undoBulkJob(owner, id)).rejects.toThrow('nothing that can be undone');
});

it('leaves alone what somebody changed since, when it takes a change back', async () => {
  const { id } = await change(owner, [one, two], 'set-tags', { tags: ['job'] });
  await editModel(owner, two, { tags: ['job', 'own'] });
  const undo = await undoBulkJob(owner, id);
  await runBulkJob(undo.id);
  expect(await resultOf(undo.id)).toMatchObject({ changed: [one], refused: [[two, 'The model was changed since.']] });
  expect((await load(two)).tags.toSorted()).toEqual(['job', 'own']);
});

it('goes on after a crash, can be cancelled, and asks for the right anew', async () => {
  const data = Array.from({ length: 450 }, (_, n) => ({ name: `m${n}`, slug: `m${n}`, ownerId: stranger.id }));
  await db().model.createMany({ data });
  const start = async (tag: string) => {
    const request = { action: 'add-tags', params: { tags: [tag] }, search: 'q=m' };
    const { id, total } = await requestBulkJob(stranger, NEW_BULK_JOB.parse(request));
    expect(total).toBe(450);
    return id;
  };
  const countOf = async (tag: string) => await db().modelTag.count({ where: { tag: { name: tag } } });
  // A worker that dies has done whole batches; the next one does the rest.
  const id = await start('crash');
  await db().bulkItem.updateMany({
    where: {
      jobId: id,
      modelId: {
        in: (await db().bulkItem.findMany({ where: { jobId: id }, take: 200 })).map(({ modelId }) => modelId),
      },
    },
    data: { state: 'unchanged' },
  });
  await runBulkJob(id);
  expect(await countOf('crash')).toBe(250);
  const cancelled = await start('cancelled');
  await cancelBulkJob(stranger, cancelled);
  await runBulkJob(cancelled);
  expect(await countOf('cancelled')).toBe(0);
  const refused = await start('refused');
  await db().user.update({ where: { id: stranger.id }, data: { disabledAt: new Date() } });
  await runBulkJob(refused);
  expect(await countOf('refused')).toBe(0);
  const { counts, state } = await getBulkJob(await makeUser('admin'), refused);
  expect([counts.refused, state]).toEqual([450, 'done']);
  await db().user.update({ where: { id: stranger.id }, data: { disabledAt: null } });
  await db().model.deleteMany({ where: { ownerId: stranger.id } });
  await expect(getBulkJob(owner, id)).rejects.toMatchObject({ code: 'not_found' });
});

it.each([
  [{ action: 'base', params: { base: 'sd1' }, ids: [] }],
  [{ action: 'nothing', ids: [1] }],
  [{ action: 'base', params: { base: 'sd1' }, ids: [1.5] }],
  [{ action: 'base', params: { base: 'sd1' } }],
  [{ action: 'base', params: { base: 'sd1' }, ids: [1], search: 'q=a' }],
  [{ action: 'base', params: { base: 'sd1' }, ids: Array.from({ length: 50_001 }, (_, index) => index + 1) }],
  [{ action: 'base', ids: [1], name: 'all the same' }],
])('refuses %#', (body) => {
  expect(NEW_BULK_JOB.safeParse(body).success).toBe(false);
});

it('refuses a base that the catalog does not know, and changes nothing', async () => {
  await expect(change(owner, [one, two], 'base', { base: 'sd9' })).rejects.toThrow(/base model/);
  expect(await load(two)).toMatchObject({ baseSource: 'weights' });
});

it('tells who may change a model', async () => {
  const editable = async (actor: Person | null) => (await find('', actor)).rows.filter((row) => row.editable).length;
  expect([await editable(null), await editable(stranger), await editable(owner), await editable(moderator)]).toEqual([
    0, 0, 3, 3,
  ]);
});

it('identifies again, keeps what a person set, and does no other stage twice', async () => {
  await change(owner, [two], 'base', { base: 'sdxl' });
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
  expect(await change(moderator, [one, two], 'identify')).toMatchObject({ changed: both(), refused: [] });
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
