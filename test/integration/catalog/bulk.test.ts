import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type BulkActionName,
  cancelBulkJob,
  exportBulkItems,
  getBulkJob,
  listBulkItems,
  NEW_BULK_JOB,
  requestBulkJob,
  runBulkJob,
  undoBulkJob,
} from '#lib/bulk/index.ts';
import { runNext } from '#lib/bulk/run-job.ts';
import { editModel, getModel, parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { startWorker, type Worker } from '#lib/worker/index.ts';
import { makeStateDict } from '../../fixtures/checkpoint.ts';
import { makeZip } from '../../fixtures/zip.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser, publishModel } from '../../support/files.ts';
import { waitFor } from '../../support/wait-for.ts';

await useTestEnvironment();

const asActor = async (role: 'uploader' | 'moderator' | 'admin') => ({ ...(await makeUser(role)), role });
type Person = Awaited<ReturnType<typeof asActor>>;
let owner: Person;
let stranger: Person;
let moderator: Person;
/** Looks at everybody's jobs. */
let administrator: Person;
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
  [owner, stranger, moderator, administrator] = await Promise.all([
    asActor('uploader'),
    asActor('uploader'),
    asActor('moderator'),
    asActor('admin'),
  ]);
  worker = await startWorker(['ingest']);
  // One after the other: results are in the order of ids.
  one = await enter('one.pt', tensorFile('emb_params', 768));
  two = await enter('two.pt', tensorFile('emb_params', 1024));
  odd = await enter('odd.pt', tensorFile('nobody.knows', 33));
});
afterAll(() => worker.stop());

const find = (text: string, actor: Person | null = null) =>
  searchModels(actor, parseCatalogQuery(new URLSearchParams(text)));
const load = async (id: number) => {
  const model = await getModel(moderator, id);
  if (model === null) throw new Error(`There is no model ${id}.`);
  return model;
};

/** Requests a job, does it here, and returns what became of it. */
async function change(actor: Person | null, action: BulkActionName, params: object, models: object) {
  const { id } = await request(actor, action, params, models);
  return await finish(id);
}
const request = (actor: Person | null, action: BulkActionName, params: object, models: object) =>
  requestBulkJob(actor, NEW_BULK_JOB.parse({ action, params, ...models }));
async function finish(id: number) {
  await runBulkJob(id);
  const { items } = await listBulkItems(administrator, id);
  const { state, counts } = await getBulkJob(administrator, id);
  expect(state).toBe('done');
  const idsOf = (wanted: string) => items.filter((item) => item.state === wanted).map(({ modelId }) => modelId);
  const refused = items.flatMap(({ modelId, state: itemState, reason }) =>
    itemState === 'refused' ? [{ id: modelId, message: reason }] : [],
  );
  return { id, counts, changed: idsOf('changed'), unchanged: idsOf('unchanged'), refused };
}
const tagsOf = async (id: number) => (await load(id)).tags.toSorted();
const rowOf = (id: number) => db().model.findUniqueOrThrow({ where: { id } });

it('lists what nothing in the file tells, until a person says it', async () => {
  const before = await find('unknown=true');
  expect([before.rows.map(({ id }) => id), before.unknown]).toEqual([[odd], 1]);

  expect(await change(owner, 'type', { type: 'embedding' }, { ids: [odd] })).toMatchObject({ changed: [odd] });
  expect(await change(owner, 'base', { base: 'sd1' }, { ids: [odd] })).toMatchObject({ changed: [odd], refused: [] });
  expect(await load(odd)).toMatchObject({ type: 'embedding', typeSource: 'user', base: 'sd1', baseSource: 'user' });
  expect(await find('unknown=true')).toMatchObject({ rows: [], unknown: 0 });
  expect((await find('')).unknown).toBe(0);
});

it('changes many, and says for each that stays why', async () => {
  await editModel(owner, one, { tags: ['first'] });
  const result = await change(owner, 'add-tags', { tags: ['Batch', 'first'] }, { ids: [one, two, 999_999] });
  expect(result).toMatchObject({ changed: [one, two], refused: [{ id: 999_999, message: 'Model not found.' }] });
  expect(await tagsOf(one)).toEqual(['batch', 'first']);
  expect(await change(owner, 'add-tags', { tags: ['batch'] }, { ids: [one] })).toMatchObject({ unchanged: [one] });

  expect(await change(stranger, 'base', { base: 'sdxl' }, { ids: [one] })).toMatchObject({
    changed: [],
    refused: [{ id: one, message: expect.stringMatching(/do not have permission/) }],
  });
  await expect(request(null, 'base', { base: 'sdxl' }, { ids: [one] })).rejects.toMatchObject({
    code: 'not_signed_in',
  });
  expect(await load(one)).toMatchObject({ base: 'sd1', baseSource: 'weights' });

  const full = Array.from({ length: 50 }, (_, index) => `t${index}`);
  expect(await change(owner, 'add-tags', { tags: full }, { ids: [one] })).toMatchObject({
    refused: [{ id: one, message: 'A model can have at most 50 tags.' }],
  });
  expect(await change(owner, 'remove-tags', { tags: ['batch'] }, { ids: [one, two] })).toMatchObject({
    changed: [one, two],
  });
  expect([await tagsOf(one), await tagsOf(two)]).toEqual([['first'], ['first']]);
  await change(owner, 'set-tags', { tags: ['b', 'a'] }, { ids: [one] });
  expect(await tagsOf(one)).toEqual(['a', 'b']);
  await change(owner, 'licence', { licence: ' mit ' }, { ids: [one] });
  expect((await rowOf(one)).licence).toBe('mit');
});

it.each([
  [{ action: 'base', ids: [] }],
  [{ action: 'base' }],
  [{ action: 'base', ids: [1.5] }],
  [{ action: 'base', ids: [1], search: '' }],
  [{ action: 'base', ids: Array.from({ length: 50_001 }, (_, index) => index + 1) }],
  [{ action: 'rename', ids: [1] }],
  [{ action: 'base', ids: [1], name: 'all the same' }],
])('refuses a request %#', (body) => {
  expect(NEW_BULK_JOB.safeParse(body).success).toBe(false);
});

it('refuses a base that the catalog does not know, and changes nothing', async () => {
  await expect(request(owner, 'base', { base: 'sd9' }, { ids: [one, two] })).rejects.toThrow(/base model/);
  expect(await load(two)).toMatchObject({ baseSource: 'weights' });
});

it('undoes what nobody has changed since', async () => {
  await change(owner, 'set-tags', { tags: ['x'] }, { ids: [one, two] });
  const made = await change(owner, 'add-tags', { tags: ['y'] }, { ids: [one, two] });
  await editModel(owner, two, { tags: ['mine'] });
  const undone = await finish((await undoBulkJob(owner, made.id)).id);
  expect(undone).toMatchObject({ changed: [one], refused: [{ id: two, message: 'The model was changed since.' }] });
  expect([await tagsOf(one), await tagsOf(two)]).toEqual([['x'], ['mine']]);
  await expect(undoBulkJob(owner, made.id)).rejects.toMatchObject({ code: 'conflict' });
  await expect(undoBulkJob(stranger, undone.id)).rejects.toMatchObject({ code: 'not_found' });

  // Automatic and back: what was detected meanwhile counts as what the change made.
  await editModel(owner, two, { base: 'sdxl' });
  const given = await change(owner, 'base', { base: null }, { ids: [one, two] });
  expect(given).toMatchObject({ changed: [two], unchanged: [one] });
  expect(await load(two)).toMatchObject({ base: 'sd2', baseSource: 'weights' });
  expect(await finish((await undoBulkJob(owner, given.id)).id)).toMatchObject({ changed: [two] });
  expect(await load(two)).toMatchObject({ base: 'sdxl', baseSource: 'user' });
  await editModel(owner, two, { base: null });
});

it('unpublishes, and publishes what people can have of a model, converted or as it came', async () => {
  const hidden = await change(owner, 'unpublish', {}, { ids: [one, two] });
  expect(await rowOf(one)).toMatchObject({ published: false, withheld: true });
  const where = { version: { modelId: two } };
  const { conversion, convertedSha256, container } = await db().modelFile.findFirstOrThrow({ where });
  await db().modelFile.updateMany({ where, data: { conversion: 'not_convertible', convertedSha256: null } });
  expect(await change(owner, 'publish', {}, { ids: [two] })).toMatchObject({ refused: [{ id: two }] });
  await db().modelFile.updateMany({ where, data: { container: 'gguf' } });
  expect(await change(owner, 'publish', {}, { ids: [two] })).toMatchObject({ changed: [two] });
  await change(owner, 'unpublish', {}, { ids: [two] });
  await db().modelFile.updateMany({ where, data: { container } });
  await finish((await undoBulkJob(owner, hidden.id)).id);
  expect(await rowOf(one)).toMatchObject({ published: true, withheld: false });
  expect(await rowOf(two)).toMatchObject({ published: false });
  await db().modelFile.updateMany({ where, data: { conversion, convertedSha256 } });
  expect(await change(owner, 'publish', {}, { ids: [two] })).toMatchObject({ changed: [two] });
});

it('asks for the right anew when the turn of a model comes', async () => {
  const { id } = await request(moderator, 'add-tags', { tags: ['late'] }, { ids: [one] });
  await db().user.update({ where: { id: moderator.id }, data: { role: 'viewer' } });
  expect(await finish(id)).toMatchObject({ changed: [], refused: [{ id: one }] });
  await db().user.update({ where: { id: moderator.id }, data: { role: 'moderator' } });
  expect(await tagsOf(one)).not.toContain('late');
});

it('tags 5,000 models of a search, goes on after a crash, and stops when cancelled', async () => {
  await db().model.createMany({
    data: Array.from({ length: 5000 }, (_, index) => ({
      name: index === 0 ? '=1+1' : `many ${index}`,
      slug: `many-${index}`,
      type: 'lora',
      base: 'pony-of-this-test',
      ownerId: stranger.id,
      published: true,
    })),
  });
  const { id, total } = await request(stranger, 'add-tags', { tags: ['many'] }, { search: 'base=pony-of-this-test' });
  expect(total).toBe(5000);
  // A worker that died between two batches.
  const job = await db().bulkJob.findUniqueOrThrow({ where: { id } });
  await runNext(job);
  await runNext(job);
  expect((await getBulkJob(stranger, id)).counts).toMatchObject({ changed: 400, waiting: 4600 });
  await runBulkJob(id);
  expect(await getBulkJob(stranger, id)).toMatchObject({ state: 'done', counts: { changed: 5000, waiting: 0 } });
  const tagged = { tags: { some: { tag: { name: 'many' } } } };
  expect(await db().model.count({ where: tagged })).toBe(5000);
  expect(await db().auditEntry.count({ where: { action: 'model.edit', actor: stranger.id } })).toBe(5000);

  let csv = '';
  for await (const piece of await exportBulkItems(stranger, id)) csv += piece;
  expect(csv.trim().split('\r\n')).toHaveLength(5001);
  expect(csv).toContain("'=1+1");

  const undoing = await undoBulkJob(stranger, id);
  await runNext(await db().bulkJob.findUniqueOrThrow({ where: { id: undoing.id } }));
  await cancelBulkJob(stranger, undoing.id);
  await runBulkJob(undoing.id);
  expect(await getBulkJob(stranger, undoing.id)).toMatchObject({
    state: 'cancelled',
    counts: { changed: 200, waiting: 4800 },
  });
  expect(await db().model.count({ where: tagged })).toBe(4800);
  await db().model.deleteMany({ where: { base: 'pony-of-this-test' } });
});

it('deletes, and takes what is gone as done', async () => {
  const made = await db().model.create({ data: { name: 'a', slug: 'a', ownerId: owner.id, published: true } });
  const { id } = await request(owner, 'delete', {}, { ids: [made.id] });
  expect(await finish(id)).toMatchObject({ changed: [made.id] });
  expect(await db().model.findUnique({ where: { id: made.id } })).toBeNull();
  await expect(undoBulkJob(owner, id)).rejects.toMatchObject({ code: 'conflict' });
});

it('tells who may change a model', async () => {
  const editable = async (actor: Person | null) => (await find('', actor)).rows.filter((row) => row.editable).length;
  expect([await editable(null), await editable(stranger), await editable(owner), await editable(moderator)]).toEqual([
    0, 0, 3, 3,
  ]);
});

it('identifies again, keeps what a person set, and does no other stage twice', async () => {
  await change(owner, 'base', { base: 'sdxl' }, { ids: [two] });
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
  expect(await change(moderator, 'identify', {}, { ids: [one, two] })).toMatchObject({
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

it('renders again what can be rendered, and says of the rest why not', async () => {
  const made = (type: string) =>
    publishModel({ name: `to render ${type}`, type, base: 'sd1', bytes: randomBytes(64), ownerId: owner.id });
  const [ready, control] = [await made('checkpoint'), await made('controlnet')];
  const ids = [ready.modelId, control.modelId];
  const previewOf = () => db().preview.findFirstOrThrow({ where: { sha256: ready.sha256 } });
  const says = [{ id: control.modelId, message: expect.stringContaining('needs a control image') }];
  expect(await change(owner, 'render', {}, { ids })).toMatchObject({ changed: [ready.modelId], refused: says });
  expect((await previewOf()).state).toBe('queued');

  const { id } = await previewOf();
  await db().preview.update({ where: { id }, data: { state: 'failed', code: 'crash', endedAt: new Date() } });
  expect(await change(stranger, 'render', {}, { ids: [ready.modelId] })).toMatchObject({ changed: [] });
  expect((await previewOf()).state).toBe('failed');
  expect(await change(moderator, 'render', {}, { ids })).toMatchObject({ changed: [ready.modelId], refused: says });
  expect(await previewOf()).toMatchObject({ id, state: 'queued', code: null });
  const entries = await db().auditEntry.findMany({ where: { subject: 'preview', subjectId: String(id) } });
  expect(entries.filter(({ actor }) => actor === moderator.id)).toHaveLength(1);
});
