import type { Actor } from '../../accounts/index.ts';
import { Prisma, searchDb } from '../../db/index.ts';
import type { CatalogResult, FacetCount } from '../types.ts';
import { countedFor } from '../visibility.ts';
import { allOf, type Facet, type Search } from './conditions.ts';

const { sql, join, empty } = Prisma;

export type Counts = Pick<CatalogResult, 'total' | 'isCapped' | 'unknown' | 'facets'>;

/** What a text finds is counted up to here: people narrow it down, and do not count it. */
export const MOST_COUNTED = 10_000;
/** Facets of free words grow without end; the most used are shown. */
const MAX_FACET_VALUES = 100;

interface CountRow {
  facet: Facet | 'total' | 'unknown' | 'found';
  value: string;
  count: bigint;
}

/**
 * How many models a search finds, and how many each value of a facet would leave, every other filter applied. Where a text
 * finds more than `MOST_COUNTED`, facets have at least as many as they say.
 */
export async function countModels(actor: Actor | null, search: Search): Promise<Counts> {
  const isKept = search.text === null && search.tagIds.length < 2;
  const rows = await (isKept ? countKept(actor, search) : countFound(search));
  const countOf = (facet: 'total' | 'unknown' | 'found') => Number(rows.find((row) => row.facet === facet)?.count ?? 0);
  const tags = search.text === null ? await countTags(actor, search, countOf('total')) : [];
  const all = [...rows, ...tags];
  const facetOf = (facet: Facet): FacetCount[] =>
    all.filter((row) => row.facet === facet).map(({ value, count }) => ({ value, count: Number(count) }));
  const isSample = !isKept && countOf('found') > MOST_COUNTED;
  const total = isSample && search.filters.size > 0 ? await countUpTo(search) : countOf('total');
  return {
    total: isKept ? total : Math.min(total, MOST_COUNTED),
    isCapped: !isKept && total > MOST_COUNTED,
    unknown: countOf('unknown'),
    facets: {
      base: facetOf('base'),
      family: facetOf('family'),
      type: facetOf('type'),
      verdict: facetOf('verdict'),
      tag: facetOf('tag'),
    },
  };
}

/** The counts of all models that triggers keep, and a person's own models that are not in them. */
function keptCounts(actor: Actor | null): Prisma.Sql {
  const { counted, own } = countedFor(actor);
  const columns = sql`m.base, m.type, m.verdict, nullif(m.family, '') AS family, m.unknown, m.models`;
  return sql`
    SELECT ${columns} FROM model_count m WHERE ${counted}
    UNION ALL SELECT ${columns} FROM model_count_change m WHERE ${counted} AND m."tagId" = ${ALL_MODELS}
    UNION ALL SELECT m.base, m.type, m.verdict, m.family, m.unknown, 1 FROM model_search m WHERE ${own}`;
}

/** The same of the models with a tag: a number, or a column. */
function keptTagCounts(actor: Actor | null, tagId: Prisma.Sql): Prisma.Sql {
  const { counted, own } = countedFor(actor);
  const columns = sql`m.base, m.type, m.verdict, nullif(m.family, '') AS family, m.unknown, m.models`;
  return sql`
    SELECT ${columns} FROM tag_model_count m WHERE ${counted} AND m."tagId" = ${tagId}
    UNION ALL SELECT ${columns} FROM model_count_change m WHERE ${counted} AND m."tagId" = ${tagId}
    UNION ALL SELECT m.base, m.type, m.verdict, m.family, m.unknown, 1 FROM model_search m
               WHERE ${own} AND m."tagIds" @> ARRAY[${tagId}]::int[]`;
}

/** The search on counts, which are of published models or of all, and of one tag. */
function onCounts(search: Search): Search {
  const filters = new Map([...search.filters].filter(([facet]) => facet !== 'tag'));
  return { ...search, visible: sql`true`, text: null, filters };
}

/** Adds up what is kept: no model is looked at. */
async function countKept(actor: Actor | null, search: Search): Promise<CountRow[]> {
  const [tagId = NO_TAG] = search.tagIds;
  const kept = search.filters.has('tag') ? keptTagCounts(actor, sql`${tagId}`) : keptCounts(actor);
  const within = onCounts(search);
  const counts = COLUMNS.map(
    ([facet, column]) => sql`
      (SELECT ${facet}::text, ${column}, sum(m.models) FROM kept m WHERE ${allOf(within, [facet])} AND ${column} IS NOT NULL
        GROUP BY 2 HAVING sum(m.models) > 0 ORDER BY 3 DESC, 2 LIMIT ${MAX_FACET_VALUES})`,
  );
  return await searchDb().$queryRaw<CountRow[]>`
    WITH kept AS MATERIALIZED (${kept})
    SELECT 'total' AS facet, '' AS value, coalesce(sum(m.models), 0) AS count FROM kept m WHERE ${allOf(within)}
    UNION ALL
    SELECT 'unknown', '', coalesce(sum(m.models), 0) FROM kept m WHERE m.unknown AND ${allOf(within, ['unknown'])}
    UNION ALL ${join(counts, ' UNION ALL ')}`;
}

const ALL_MODELS = 0;
/** No tag has it. */
const NO_TAG = -1;

/**
 * The most used tags of the models that every other filter leaves, which are `total` where no tag is asked for. Those of
 * many models are sought among the tags that are used most of all.
 */
async function countTags(actor: Actor | null, search: Search, total: number): Promise<CountRow[]> {
  const within = onCounts(search);
  if (within.filters.size === 0) return await readTagCounts(actor);
  if (total <= MOST_COUNTED && !search.filters.has('tag'))
    return await searchDb().$queryRaw<CountRow[]>`
      SELECT 'tag' AS facet, t.name AS value, c.models AS count FROM (
        SELECT tag, count(*) AS models FROM model_search m, unnest(m."tagIds") AS tag WHERE ${allOf(search)}
         GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${MAX_FACET_VALUES}
      ) c JOIN tag t ON t.id = c.tag ORDER BY 3 DESC, 2`;
  return await searchDb().$queryRaw<CountRow[]>`
    WITH used AS MATERIALIZED (
      SELECT "tagId" FROM tag_count GROUP BY 1 ORDER BY sum(models) DESC LIMIT ${MOST_USED_TAGS})
    SELECT 'tag' AS facet, t.name AS value, c.models AS count
      FROM used JOIN tag t ON t.id = used."tagId" CROSS JOIN LATERAL (
        SELECT sum(m.models) AS models FROM (${keptTagCounts(actor, sql`used."tagId"`)}) AS m WHERE ${allOf(within)}
      ) c WHERE c.models > 0 ORDER BY 3 DESC, 2 LIMIT ${MAX_FACET_VALUES}`;
}

const MOST_USED_TAGS = 200;

/** The most used tags of the catalog. */
async function readTagCounts(actor: Actor | null): Promise<CountRow[]> {
  const { counted, own } = countedFor(actor);
  return await searchDb().$queryRaw<CountRow[]>`
    SELECT 'tag' AS facet, t.name AS value, c.models AS count FROM (
      SELECT m."tagId", sum(m.models) AS models FROM (
        SELECT m."tagId", m.models FROM tag_count m WHERE ${counted}
        UNION ALL SELECT m."tagId", m.models FROM model_count_change m WHERE ${counted} AND m."tagId" <> ${ALL_MODELS}
        UNION ALL SELECT tag, 1 FROM model_search m, unnest(m."tagIds") AS tag WHERE ${own}
      ) m GROUP BY 1 HAVING sum(m.models) > 0 ORDER BY 2 DESC, 1 LIMIT ${MAX_FACET_VALUES}
    ) c JOIN tag t ON t.id = c."tagId" ORDER BY 3 DESC, 2`;
}

/** Counts what a text or several tags find, once for all facets. */
async function countFound(search: Search): Promise<CountRow[]> {
  const tags = search.filters.get('tag');
  const byTags = search.text === null && tags !== undefined;
  const found = byTags ? join([search.visible, tags], ' AND ') : allOf({ ...search, filters: new Map() });
  const filters = new Map([...search.filters].filter(([facet]) => facet !== 'tag' || !byTags));
  const within = { ...search, visible: sql`true`, text: null, filters };
  const counts = [
    ...COLUMNS.map(([facet, column]) => [facet, column, empty] as const),
    ...(byTags ? [] : [['tag', sql`t.name`, sql`, unnest(m."tagIds") AS tag JOIN tag t ON t.id = tag`] as const]),
  ].map(
    ([facet, column, values]) => sql`
      (SELECT ${facet}::text, ${column}, count(*) FROM found m ${values}
        WHERE ${allOf(within, [facet])} AND ${column} IS NOT NULL GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT ${MAX_FACET_VALUES})`,
  );
  return await searchDb().$queryRaw<CountRow[]>`
    WITH found AS MATERIALIZED (
      SELECT m.base, m.type, m.verdict, m.family, m.unknown, m."tagIds"
        FROM model_search m WHERE ${found} LIMIT ${MOST_COUNTED + 1})
    SELECT 'found' AS facet, '' AS value, count(*) AS count FROM found m
    UNION ALL SELECT 'total', '', count(*) FROM found m WHERE ${allOf(within)}
    UNION ALL SELECT 'unknown', '', count(*) FROM found m WHERE m.unknown AND ${allOf(within, ['unknown'])}
    UNION ALL ${join(counts, ' UNION ALL ')}`;
}

/** Counts with every filter, up to one more than is told. */
async function countUpTo(search: Search): Promise<number> {
  const [{ count } = { count: 0n }] = await searchDb().$queryRaw<{ count: bigint }[]>`
    SELECT count(*) AS count FROM (SELECT FROM model_search m WHERE ${allOf(search)} LIMIT ${MOST_COUNTED + 1}) AS found`;
  return Number(count);
}

const COLUMNS: readonly (readonly [facet: Facet, column: Prisma.Sql])[] = [
  ['base', sql`m.base`],
  ['family', sql`m.family`],
  ['type', sql`m.type`],
  ['verdict', sql`m.verdict::text`],
];
