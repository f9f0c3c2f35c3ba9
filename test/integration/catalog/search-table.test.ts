import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SORT_IDS } from '#lib/catalog/client.ts';
import { parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
import { countMistakes } from '#lib/catalog/search/words.ts';
import { closeDb, db } from '#lib/db/index.ts';
import { stopQueue } from '#lib/queue/index.ts';
import { Random } from '../../support/chaos/random.ts';
import { useTestEnvironment } from '../../support/environment.ts';
import { makeUser } from '../../support/files.ts';

await useTestEnvironment();
afterAll(stopQueue);

const search = (text: string) => searchModels(null, parseCatalogQuery(new URLSearchParams(text)));
const names = async (text: string) => (await search(text)).rows.map(({ name }) => name);

/** Rows of `model_search` that are not what the tables say, and counts that are not what there is to count. */
async function findFaults() {
  const rows = await db().$queryRaw<unknown[]>`
    WITH truth AS (
      SELECT m.id AS "modelId", search_plain(m.name) AS name, m.type, m.base, m.family, m.verdict,
             is_model_unknown(m.type, m.base, m.verdict) AS unknown, m.published, m."ownerId", m.size, m.downloads,
             m."createdAt", m."updatedAt",
             ARRAY(SELECT "tagId" FROM model_tag WHERE "modelId" = m.id ORDER BY 1) AS "tagIds",
             array_to_tsvector(model_search_words(m.id)) AS words
        FROM model m)
    (SELECT 'missing' AS fault, "modelId" FROM (TABLE truth EXCEPT TABLE model_search) a)
    UNION ALL (SELECT 'surplus', "modelId" FROM (TABLE model_search EXCEPT TABLE truth) b)`;
  const counts = await db().$queryRaw<unknown[]>`
    WITH kept AS (
      SELECT 0 AS "tagId", * FROM model_count UNION ALL SELECT * FROM tag_model_count
      UNION ALL SELECT "tagId", base, type, verdict, family, unknown, published, models FROM model_count_change),
    sums AS (SELECT "tagId", base, type, verdict, family, unknown, published, sum(models) AS models FROM kept
              GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(models) <> 0),
    truth AS (SELECT tag, base, type, verdict, coalesce(family, ''), unknown, published, count(*) FROM model_search,
              unnest(array_append("tagIds", 0)) AS tag GROUP BY 1, 2, 3, 4, 5, 6, 7)
    (TABLE sums EXCEPT TABLE truth) UNION ALL (TABLE truth EXCEPT TABLE sums)`;
  const tags = await db().$queryRaw<unknown[]>`
    SELECT * FROM (
      SELECT "tagId", published, sum(models) AS models FROM (
        TABLE tag_count UNION ALL SELECT "tagId", published, models FROM model_count_change WHERE "tagId" <> 0
      ) kept GROUP BY 1, 2 HAVING sum(models) <> 0
    ) sums EXCEPT SELECT tag, published, count(*) FROM model_search, unnest("tagIds") AS tag GROUP BY 1, 2`;
  const words = await db().$queryRaw<unknown[]>`
    SELECT word FROM model_search, unnest(tsvector_to_array(words)) AS word
     WHERE NOT EXISTS (SELECT 1 FROM search_word known WHERE known.word = word.word)`;
  return { rows, counts, tags, words };
}
const NO_FAULTS = { rows: [], counts: [], tags: [], words: [] };

let ownerId: string;
let serial = 0;
beforeAll(async () => {
  ownerId = (await makeUser('uploader')).id;
});

/** A model with one version and no file: what a search looks at. */
async function add(
  name: string,
  values: { description?: string; tags?: string[]; files?: string[]; base?: string } = {},
) {
  serial += 1;
  const { description = '', tags = [], files = [], base = 'sd1' } = values;
  const { id } = await db().model.create({
    data: {
      slug: `m${serial}`,
      name,
      description,
      base,
      type: 'lora',
      verdict: 'clean',
      published: true,
      ownerId,
      versions: { create: { name: 'first' } },
      tags: {
        create: tags.map((tag) => ({ tag: { connectOrCreate: { where: { name: tag }, create: { name: tag } } } })),
      },
    },
    include: { versions: true },
  });
  const { id: versionId } = await db().modelVersion.findFirstOrThrow({ where: { modelId: id } });
  for (const filename of files) {
    const sha256 = (serial * 4096 + 1).toString(16).padStart(64, '7');
    await db().modelFile.create({
      data: {
        filename,
        version: { connect: { id: versionId } },
        source: { create: { sha256, size: 1, autoV3: sha256.replaceAll('7', '9') } },
      },
    });
  }
  return id;
}

describe('words of a search', () => {
  beforeAll(async () => {
    await add('animeXL_v31 final', { files: ['AnimeXL-final.safetensors'] });
    await add('Épée de Vérité', { description: 'A sword, drawn in ink.' });
    await add('少女前线 style', { tags: ['character design'] });
    await add('Portrait studio');
    await add('Portraits of cats', { description: 'portrait' });
    await add('100% realism');
  });

  it.each([
    ['q=anime', ['animeXL_v31 final']],
    ['q=XL', ['animeXL_v31 final']],
    ['q=v31', ['animeXL_v31 final']],
    ['q=31', ['animeXL_v31 final']],
    ['q=animexl-final.safetensors', ['animeXL_v31 final']],
    ['q=epee', ['Épée de Vérité']],
    ['q=VERITE', ['Épée de Vérité']],
    ['q=vérité+épée', ['Épée de Vérité']],
    ['q=ink', ['Épée de Vérité']],
    ['q=少女', ['少女前线 style']],
    ['q=前线', ['少女前线 style']],
    ['q=design', ['少女前线 style']],
    ['q=ealis', ['100% realism']],
    ['q=100%25', ['100% realism']],
    // One letter in five: changed, left out, added, swapped.
    ['q=portrzit+studio', ['Portrait studio']],
    ['q=portrit+studio', ['Portrait studio']],
    ['q=porttrait+studio', ['Portrait studio']],
    ['q=potrrait+studio', ['Portrait studio']],
    ['q=realizm', ['100% realism']],
    ['q=portrait+ink', []],
    ['q=qqqqqqq', []],
    ["q=')+|+'a':*", ['Épée de Vérité', 'animeXL_v31 final']],
    ['q=%5C', []],
  ])('%s finds %j', async (text, expected) => {
    expect(await names(`${text}&sort=name`)).toEqual(expected);
  });

  it('come first where they stand as they are', async () => {
    expect(await names('q=portraits&sort=name')).toEqual(['Portraits of cats']);
    expect(await names('q=portrait&sort=name&dir=desc')).toEqual(['Portraits of cats', 'Portrait studio']);
    await add('Studioportrait');
    expect(await names('q=portrait&sort=name&dir=desc')).toEqual([
      'Portraits of cats',
      'Portrait studio',
      'Studioportrait',
    ]);
  });

  it('are a part of any hash from six digits on', async () => {
    const { sha256, autoV3 } = await db().blob.findFirstOrThrow();
    for (const digits of [6, 7, 11, 40, 64]) {
      expect(await names(`q=${sha256.slice(0, digits)}`)).toEqual(['animeXL_v31 final']);
      expect(await names(`q=${autoV3?.slice(0, digits)}`)).toEqual(['animeXL_v31 final']);
    }
    expect(await names(`q=${sha256.slice(0, 5)}`)).toEqual([]);
  });

  it('may be wrong in so many letters', () => {
    for (const [a, b, mistakes] of [
      ['same', 'same', 0],
      ['portrait', 'potrrait', 1],
      ['abc', '', 3],
      ['kitten', 'sitting', 3],
    ] as const)
      expect([a, b, countMistakes(a, b)]).toEqual([a, b, mistakes]);
  });
});

it('keeps what is searched and the counts in step with whatever is written', async () => {
  const random = new Random(20_261_201);
  const ids: number[] = [];
  const one = () => ids[random.below(ids.length)] ?? 0;
  const tag = () => `tag ${random.below(6)}`;
  const acts: readonly (() => Promise<unknown>)[] = [
    async () =>
      ids.push(await add(`model ${random.below(50)}`, { tags: [tag()], files: [`file ${random.below(9)}.pt`] })),
    async () =>
      db().model.updateMany({
        where: { id: one() },
        data: { name: `renamed ${random.below(50)}`, updatedAt: new Date() },
      }),
    async () =>
      db().model.updateMany({ where: { id: { in: [one(), one()] } }, data: { published: random.below(2) === 0 } }),
    async () =>
      db().model.updateMany({
        where: { id: one() },
        data: { base: ['sd1', 'sdxl', 'unknown'][random.below(3)] ?? 'sd1' },
      }),
    async () =>
      db().model.updateMany({
        where: { id: one() },
        data: { verdict: 'suspicious', family: 'pony', downloads: { increment: 1 } },
      }),
    async () => {
      const { id } = await db()
        .tag.upsert({ where: { name: tag() }, create: { name: tag() }, update: {} })
        .catch(() => ({ id: 0 }));
      if (id > 0) await db().modelTag.createMany({ data: [{ modelId: one(), tagId: id }], skipDuplicates: true });
    },
    async () => db().modelTag.deleteMany({ where: { modelId: one() } }),
    async () =>
      db()
        .tag.updateMany({ where: { name: tag() }, data: { name: `tag ${6 + random.below(900)}` } })
        .catch(() => {}),
    async () => db().tag.deleteMany({ where: { name: tag() } }),
    async () =>
      db().modelFile.updateMany({
        where: { version: { modelId: one() } },
        data: { filename: `other ${random.below(9)}.ckpt` },
      }),
    async () =>
      db().modelVersion.updateMany({ where: { modelId: one() }, data: { name: `version ${random.below(5)}` } }),
    async () => db().modelVersion.deleteMany({ where: { modelId: one() } }),
    async () => db().user.update({ where: { id: ownerId }, data: { name: `person ${random.below(9)}` } }),
    async () => db().model.deleteMany({ where: { id: ids.splice(random.below(ids.length), 1)[0] ?? 0 } }),
    async () => db().$queryRaw`SELECT model_count_fold()::text`,
  ];
  for (let i = 0; i < 8; i += 1) await acts[0]?.();
  for (let i = 0; i < 150; i += 1) {
    await acts[random.below(acts.length)]?.();
    if (i % 25 === 0) expect(await findFaults()).toEqual(NO_FAULTS);
  }
  expect(await findFaults()).toEqual(NO_FAULTS);
  await db().$queryRaw`SELECT model_count_fold()::text`;
  expect(await findFaults()).toEqual(NO_FAULTS);
  expect((await search('')).total).toBe(await db().model.count({ where: { published: true } }));

  // What something else has broken is made anew.
  await db().$executeRaw`DELETE FROM model_search WHERE "modelId" % 2 = 0`;
  await db().$executeRaw`UPDATE model_count SET models = models + 3`;
  expect((await findFaults()).rows).not.toEqual([]);
  await db().$queryRaw`SELECT model_search_rebuild()::text`;
  expect(await findFaults()).toEqual(NO_FAULTS);
});

it('waits for nobody who writes the same new words and tags at once', async () => {
  const { id: tagId } = await db().tag.create({ data: { name: 'at once' } });
  const models = await Promise.all([add('first of two'), add('second of two')]);
  // Each has written one word before either writes the other's.
  const written = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await Promise.all(
    models.map((modelId, place) =>
      db().$transaction(async (tx) => {
        const words = place === 0 ? ['zebra', 'yak'] : ['yak', 'zebra'];
        for (const word of words) {
          await tx.model.update({ where: { id: modelId }, data: { description: word } });
          written[place]?.resolve();
          await Promise.all(written.map(({ promise }) => promise));
        }
        await tx.modelTag.create({ data: { modelId, tagId } });
      }),
    ),
  );
  expect(await findFaults()).toEqual(NO_FAULTS);
});

it('reads no table from end to end for any of the usual searches', async () => {
  const tables = ['model', 'model_search', 'tag_model_count', 'search_word', 'blob', 'model_version', 'model_file'];
  const countScans = async () => {
    // Sessions tell what they did when they end.
    await closeDb();
    return await db().$queryRaw`
      SELECT relname, seq_scan FROM pg_stat_user_tables WHERE relname = ANY(${tables}) ORDER BY relname`;
  };
  // Small tables are read whole because that is quick; without that, they are only where there is no index for a search.
  await db()
    .$executeRaw`DO 'BEGIN EXECUTE format(''ALTER DATABASE %I SET enable_seqscan = off'', current_database()); END'`;
  const before = await countScans();
  const usual = [
    ['', 'page=2', 'base=sdxl', 'type=lora', 'verdict=dangerous', 'family=pony', 'tag=anime', 'unknown=true'],
    ['base=sdxl&type=lora&verdict=clean&family=pony', 'base=sdxl&tag=anime', 'q=portrait', 'q=portrait+studio'],
    ['q=nothing', 'q=portrzit', 'q=abcdef12', 'q=portrait&base=sd1', ...SORT_IDS.map((sort) => `sort=${sort}`)],
  ].flat();
  for (const text of usual) await search(text);
  expect(await countScans()).toEqual(before);
});
