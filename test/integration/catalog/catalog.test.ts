import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SORT_IDS, SORTS } from '#lib/catalog/client.ts';
import { deleteModel, editModel, getModel, parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
import { db } from '#lib/db/index.ts';
import { refreshModel } from '#lib/ingest/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { blobStore } from '#lib/storage/index.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { enterBytes, makeUser } from '../../support/files.ts';

await useTestEnvironment();
afterAll(stopQueue);

type User = Awaited<ReturnType<typeof makeUser>>;
let owner: User;
let moderator: User;
let stranger: User;
const ids = new Map<string, number>();

/** Enters a file and sets what the ingest would have found. */
async function add(
  name: string,
  values: { base: string; type: string; verdict?: 'clean' | 'dangerous'; published?: boolean; tags?: string[] },
) {
  const { fileId } = await enterBytes(`${name}.ckpt`, Buffer.from(name), owner.id);
  const { version } = await db().modelFile.update({
    where: { id: fileId },
    data: { state: values.verdict ?? 'clean', identity: { type: values.type, base: values.base } },
    include: { version: true },
  });
  await db().$transaction((tx) => refreshModel(tx, version.modelId));
  await db().model.update({ where: { id: version.modelId }, data: { published: values.published ?? true } });
  if (values.tags) await editModel({ ...owner, role: 'uploader' }, version.modelId, { tags: values.tags });
  ids.set(name, version.modelId);
}

beforeAll(async () => {
  owner = await makeUser('uploader');
  moderator = await makeUser('moderator');
  stranger = await makeUser('viewer');
  await add('Dream 100%', { base: 'sd1', type: 'checkpoint', tags: ['Anime', 'portrait'] });
  await add('dreamer', { base: 'sd1', type: 'lora', tags: ['anime'] });
  await add('Vivid', { base: 'sdxl', type: 'checkpoint' });
  await add('poison', { base: 'sd1', type: 'checkpoint', verdict: 'dangerous', published: false });
});

const search = (text: string, actor: User | null = null) =>
  searchModels(actor, parseCatalogQuery(new URLSearchParams(text)));
const names = async (text: string, actor: User | null = null) =>
  (await search(text, actor)).rows.map(({ name }) => name);

describe('a search', () => {
  it.each([
    ['sort=name', ['Dream 100%', 'dreamer', 'Vivid']],
    ['sort=name&dir=desc', ['Vivid', 'dreamer', 'Dream 100%']],
    ['sort=name&base=sd1', ['Dream 100%', 'dreamer']],
    ['sort=name&base=sd1,sdxl&type=checkpoint', ['Dream 100%', 'Vivid']],
    ['q=DREAM&sort=name', ['Dream 100%', 'dreamer']],
    ['q=100%25', ['Dream 100%']],
    ['q=_', []],
    ['q=dream+portrait', ['Dream 100%']],
    ['tag=anime&sort=name', ['Dream 100%', 'dreamer']],
    ['sort=name&size=2&page=2', ['Vivid']],
    ['page=9', []],
    ["q='; DROP TABLE model; --", []],
  ])('%s finds %j', async (text, expected) => {
    expect(await names(text)).toEqual(expected);
  });

  it.each(SORT_IDS)('sorts by %s in both directions, by the usual one when none is asked for', async (sort) => {
    const values = async (dir: string) =>
      (await search(`sort=${sort}${dir}`)).rows.map((row) => {
        const value = row[sort];
        return sort === 'name' ? String(value).toLowerCase() : value;
      });
    const rising = await values('&dir=asc');
    const isVerdict = sort === 'verdict';
    expect(rising).toHaveLength(3);
    if (!isVerdict) expect(rising).toEqual(rising.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    expect(await values('&dir=desc')).toEqual(rising.toReversed());
    expect(await values('')).toEqual(await values(`&dir=${SORTS[sort].first}`));
  });

  it('sorts verdicts by weight', async () => {
    const { rows } = await search('sort=verdict', moderator);
    expect(rows[0]?.verdict).toBe('dangerous');
    expect((await search('sort=verdict&dir=asc', moderator)).rows.at(-1)?.verdict).toBe('dangerous');
  });

  it('finds a file by its hash, however it is written', async () => {
    const model = await getModel(null, ids.get('Vivid') ?? 0);
    const sha256 = model?.versions[0]?.files[0]?.hashes.sha256 ?? '';
    for (const text of [
      sha256,
      sha256.toUpperCase(),
      `[${sha256.slice(0, 10)}]`,
      `sha256:${sha256}`,
      sha256.slice(0, 12),
    ]) {
      expect(await names(`q=${encodeURIComponent(text)}`)).toEqual(['Vivid']);
    }
  });

  it('counts each facet with every filter but its own', async () => {
    const { facets, total } = await search('base=sd1');
    expect(total).toBe(2);
    expect(facets.base).toEqual([
      { value: 'sd1', count: 2 },
      { value: 'sdxl', count: 1 },
    ]);
    expect(facets.type).toEqual([
      { value: 'checkpoint', count: 1 },
      { value: 'lora', count: 1 },
    ]);
    expect(facets.tag[0]).toEqual({ value: 'anime', count: 2 });
  });

  it('shows what is not published to its owner and to moderators only', async () => {
    expect(await names('verdict=dangerous')).toEqual([]);
    expect(await names('verdict=dangerous', stranger)).toEqual([]);
    expect(await names('verdict=dangerous', owner)).toEqual(['poison']);
    expect(await names('verdict=dangerous', moderator)).toEqual(['poison']);
    expect(await getModel(stranger, ids.get('poison') ?? 0)).toBeNull();
  });
});

describe('an edit', () => {
  it('by a person outlives what is detected later, until taken back', async () => {
    const id = ids.get('Vivid') ?? 0;
    await editModel(owner, id, { base: 'sd2', name: 'Vivid II', description: 'Bright.' });
    await db().$transaction((tx) => refreshModel(tx, id));
    expect(await getModel(null, id)).toMatchObject({
      base: 'sd2',
      baseSource: 'user',
      typeSource: 'weights',
      name: 'Vivid II',
      slug: `vivid-ii-${id}`,
    });

    await editModel(owner, id, { base: null });
    expect(await getModel(null, id)).toMatchObject({ base: 'sdxl', baseSource: 'weights' });
  });

  it.each([
    [{ base: 'sd9' }, /not a known base model/],
    [{ name: '  ' }, /./],
    [{ tags: ['x'.repeat(41)] }, /./],
    [{ downloads: 5 }, /./],
  ])('%j is refused', async (patch, message) => {
    await expect(editModel(owner, ids.get('Vivid') ?? 0, patch as object)).rejects.toThrow(message);
  });

  it('needs the owner or a moderator', async () => {
    await expect(editModel(stranger, ids.get('dreamer') ?? 0, { name: 'mine' })).rejects.toThrow(/does not allow/);
    await expect(editModel(null, ids.get('dreamer') ?? 0, { name: 'mine' })).rejects.toThrow(/Sign in/);
  });
});

it('deletes a model with the bytes that nobody else uses', async () => {
  const id = ids.get('dreamer') ?? 0;
  const sha256 = (await getModel(owner, id))?.versions[0]?.files[0]?.hashes.sha256 ?? '';
  await deleteModel(owner, id);

  expect(await getModel(owner, id)).toBeNull();
  expect(await blobStore().has(sha256)).toBe(false);
  expect(await db().auditEntry.findFirst({ where: { action: 'model.delete', subjectId: String(id) } })).toMatchObject({
    actor: owner.id,
  });
});
