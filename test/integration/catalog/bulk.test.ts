import { randomBytes } from 'node:crypto';
import { rename } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  acceptChosen,
  type BulkActionName,
  cancelBulkJob,
  dismissChosen,
  exportBulkItems,
  getBulkJob,
  listBulkItems,
  listProposals,
  NEW_BULK_JOB,
  requestBulkJob,
  runBulkJob,
  undoBulkJob,
} from '#lib/bulk/index.ts';
import { proposeIdentity } from '#lib/bulk/proposals/propose.ts';
import { runNext } from '#lib/bulk/run-job.ts';
import { editModel, getModel, parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { refreshModel } from '#lib/ingest/index.ts';
import { blobStore } from '#lib/storage/index.ts';
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

/** Writes what an older program said of the files of models, as if it had been the truth. */
async function misidentify(ids: readonly number[], identity: object, rules: string | null = null) {
  await db().modelFile.updateMany({
    where: { version: { modelId: { in: [...ids] } } },
    data: { identity: { confidence: 'certain', ...identity }, identityRules: rules },
  });
  for (const id of ids) await db().$transaction((tx) => refreshModel(tx, id));
}
const foundOf = async (id: number) => (await load(id)).versions[0]?.files[0]?.identity;

it('shows what another identification would change before it changes it, in groups', async () => {
  await change(owner, 'base', { base: 'sdxl' }, { ids: [two] });
  await misidentify([one, two], { type: 'lora', base: 'flux1', family: 'pony' });
  expect((await find('family=pony')).rows.map(({ id }) => id).toSorted()).toEqual([one, two]);

  const runs = () => db().stageRun.count();
  const before = await runs();
  const { id, counts } = await change(moderator, 'identify', {}, { ids: [one, two, odd] });
  // Of the last one a person has set both.
  expect(counts).toMatchObject({ proposed: 2, unchanged: 1, changed: 0, refused: 0 });
  expect(await listBulkItems(moderator, id, { state: 'unchanged' })).toMatchObject({
    items: [{ modelId: odd, reason: 'Type and base model were set manually.' }],
  });
  expect(await runs()).toBe(before);
  expect([await load(one), await load(two)]).toMatchObject([
    { type: 'lora', base: 'flux1', family: 'pony' },
    { type: 'lora', base: 'sdxl', baseSource: 'user' },
  ]);

  const proposals = await listProposals(moderator, id);
  expect(proposals).toMatchObject({
    counts: { open: 2, accepted: 0, dismissed: 0 },
    groups: [
      { from: { type: 'lora', base: 'flux1' }, to: { type: 'embedding', base: 'sd1' }, models: 1, files: 1 },
      // What a person set is none of it.
      { from: { type: 'lora', base: 'sdxl' }, to: { type: 'embedding', base: 'sdxl' }, models: 1, files: 1 },
    ],
    proposals: [
      { modelId: one, filename: 'one.pt', others: expect.arrayContaining(['family']) },
      { modelId: two, from: { confidence: 'certain' } },
    ],
  });
  expect(proposals.proposals[0]?.evidence).toContainEqual(expect.objectContaining({ field: 'base' }));
  const idsOf = async (filter: object) =>
    (await listProposals(moderator, id, filter)).proposals.map(({ modelId }) => modelId);
  expect(await idsOf({ group: proposals.groups[0]?.id ?? '' })).toEqual([one]);
  expect(await idsOf({ q: 'TWO' })).toEqual([two]);
  expect(await idsOf({ q: '%' })).toEqual([]);
  expect(await idsOf({ state: 'accepted' })).toEqual([]);
  await expect(listProposals(stranger, id)).rejects.toMatchObject({ code: 'not_found' });
  await expect(acceptChosen(stranger, id, {})).rejects.toMatchObject({ code: 'not_found' });
});

it('accepts what is chosen, and takes it back', async () => {
  await misidentify([one, two], { type: 'lora', base: 'flux1', family: 'pony' }, '2020-01-01.1');
  const { id } = await change(moderator, 'identify', { older: true }, { search: '' });
  const { proposals, groups } = await listProposals(moderator, id);
  expect(proposals.map(({ modelId }) => modelId)).toEqual([one, two]);

  const accepting = await acceptChosen(moderator, id, { group: groups.find(({ to }) => to.base === 'sd1')?.id ?? '' });
  // What a job is about to accept is not accepted by another.
  await expect(acceptChosen(moderator, id, { ids: [proposals[0]?.id ?? 0] })).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(await finish(accepting.id)).toMatchObject({ changed: [one], refused: [] });
  expect(await load(one)).toMatchObject({ type: 'embedding', base: 'sd1', typeSource: 'weights', family: null });
  expect(await foundOf(one)).toMatchObject({ type: 'embedding', base: 'sd1' });
  expect(await foundOf(two)).toMatchObject({ type: 'lora', base: 'flux1' });
  expect((await listProposals(moderator, id)).counts).toEqual({ open: 1, accepted: 1, dismissed: 0 });
  const audited = await db().auditEntry.findMany({ where: { action: 'file.identify' } });
  expect(audited).toMatchObject([
    {
      actor: moderator.id,
      before: { type: 'lora', base: 'flux1', confidence: 'certain' },
      after: { type: 'embedding', base: 'sd1' },
    },
  ]);

  expect(await finish((await acceptChosen(moderator, id, {})).id)).toMatchObject({ changed: [two] });
  expect(await load(two)).toMatchObject({ type: 'embedding', base: 'sdxl', baseSource: 'user' });
  expect(await foundOf(two)).toMatchObject({ type: 'embedding', base: 'sd2' });
  // Everything is identified with the current rules.
  await expect(request(moderator, 'identify', { older: true }, { search: '' })).rejects.toMatchObject({
    message: 'All files are identified with the current rules.',
  });

  expect(await getBulkJob(moderator, accepting.id)).toMatchObject({ isUndoable: true, canUndo: true });
  const undo = await undoBulkJob(moderator, accepting.id);
  expect(await finish(undo.id)).toMatchObject({ changed: [one] });
  expect(await load(one)).toMatchObject({ type: 'lora', base: 'flux1', family: 'pony' });
  expect((await listProposals(moderator, id)).counts).toMatchObject({ open: 1, accepted: 1 });
  expect(await finish((await acceptChosen(moderator, id, {})).id)).toMatchObject({ changed: [one] });
});

it('leaves alone what was set or identified after it was proposed, and what is dismissed', async () => {
  await misidentify([one, two], { type: 'lora', base: 'flux1' });
  const { id } = await change(moderator, 'identify', {}, { ids: [one, two] });
  const { proposals } = await listProposals(moderator, id);
  await change(owner, 'type', { type: 'vae' }, { ids: [two] });
  await misidentify([one], { type: 'hypernetwork', base: 'sd1' });
  const accepted = await finish((await acceptChosen(moderator, id, {})).id);
  expect(accepted).toMatchObject({
    changed: [],
    refused: [
      { id: one, message: 'The file was identified again since.' },
      { id: two, message: 'Type and base model were set manually since.' },
    ],
  });
  expect([await load(one), await load(two)]).toMatchObject([
    { type: 'hypernetwork', base: 'sd1' },
    { type: 'vae', typeSource: 'user', base: 'sdxl', baseSource: 'user' },
  ]);

  expect(await dismissChosen(moderator, id, {})).toEqual({ dismissed: 2 });
  expect((await listProposals(moderator, id, { state: 'dismissed' })).proposals).toHaveLength(2);
  await expect(acceptChosen(moderator, id, {})).rejects.toMatchObject({ code: 'conflict' });
  // By its id it can be chosen all the same.
  await misidentify([one], { type: 'lora', base: 'flux1' });
  const chosen = proposals.find(({ modelId }) => modelId === one);
  expect(await finish((await acceptChosen(moderator, id, { ids: [chosen?.id ?? 0] })).id)).toMatchObject({
    changed: [one],
  });
  await change(owner, 'type', { type: null }, { ids: [two] });
});

it('goes on with proposals where it was, and says for which file why there is none', async () => {
  await misidentify([one, two], { type: 'lora', base: 'flux1' });
  const { id } = await request(moderator, 'identify', {}, { ids: [one, two] });
  const job = await db().bulkJob.findUniqueOrThrow({ where: { id } });
  await runNext(job);
  // The worker died after it had listed the next one and before it said so.
  await proposeIdentity(moderator, two, { id, params: { older: false } });
  expect((await listProposals(moderator, id)).counts.open).toBe(2);
  expect(await finish(id)).toMatchObject({ counts: { proposed: 2 } });
  expect((await listProposals(moderator, id)).counts.open).toBe(2);

  const { source } = await db().modelFile.findFirstOrThrow({
    where: { version: { modelId: one } },
    include: { source: true },
  });
  const path = blobStore().pathOf(source.sha256);
  await rename(path, `${path}.away`);
  const lost = await change(moderator, 'identify', {}, { ids: [one, two] });
  await rename(`${path}.away`, path);
  expect(lost).toMatchObject({ counts: { proposed: 1, refused: 1 }, refused: [{ id: one }] });
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
