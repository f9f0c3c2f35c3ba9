import { type AccountAction, type Actor, can } from '../accounts/index.ts';
import { db, Prisma } from '../db/index.ts';
import { type CatalogSort, SORTS } from './sorts.ts';
import type { CatalogQuery, CatalogResult, CatalogRow, FacetCount } from './types.ts';
import { visibleTo } from './visibility.ts';

const { sql, join, empty } = Prisma;

/** The names are those of the schema, never of a request. */
function sortKey(sort: CatalogSort): Prisma.Sql {
  const column = Prisma.raw(`m."${Prisma.ModelScalarFieldEnum[sort]}"`);
  return SORTS[sort].ignoresCase ? sql`lower(${column})` : column;
}

/** What a person should look at: upscalers and encoders have no base, and a file that was not read yet has nothing to go by. */
const IS_UNKNOWN = sql`((m.type = 'unknown' OR (m.base = 'unknown' AND m.type NOT IN ('upscaler', 'text-encoder', 'image-encoder')))
  AND m.verdict NOT IN ('quarantined', 'scanning'))`;

type Filter = 'base' | 'family' | 'type' | 'verdict' | 'tag';
const FACETS: readonly Filter[] = ['base', 'family', 'type', 'verdict', 'tag'];
/** Facets of free words grow without end; the most used are shown. */
const MAX_FACET_VALUES = 100;

/** One page of the catalog as `actor` may see it, with the counts of every facet. All filtering, sorting and counting is SQL. */
export async function searchModels(actor: Actor | null, query: CatalogQuery): Promise<CatalogResult> {
  const direction = query.descending ? sql`DESC` : sql`ASC`;
  const offset = (query.page - 1) * query.pageSize;
  const rows = db().$queryRaw<RawRow[]>`
    SELECT m.id, m.slug, m.name, m.type, m.base, m.family, m."ownerId", m.verdict::text AS verdict, m.size, m.downloads,
           m."createdAt", m."updatedAt", u.name AS owner,
           p.id AS "coverId", p.sha256 AS "coverSha256", p."thumbnailSha256" AS "coverThumbnail", p.width AS "coverWidth", p.height AS "coverHeight", p.blur AS "coverBlur", p.nsfw AS "coverNsfw",
           coalesce((SELECT f.conversion::text FROM model_file f JOIN model_version v ON v.id = f."versionId"
                      WHERE v."modelId" = m.id AND f."madeFromId" IS NULL ORDER BY v.id DESC, f.id DESC LIMIT 1), 'none') AS conversion,
           ARRAY(SELECT t.name FROM model_tag mt JOIN tag t ON t.id = mt."tagId" WHERE mt."modelId" = m.id ORDER BY t.name) AS tags
      FROM model m LEFT JOIN "user" u ON u.id = m."ownerId" LEFT JOIN picture p ON p.id = m."coverId"
     WHERE ${conditions(actor, query)}
     ORDER BY ${sortKey(query.sort)} ${direction}, m.id DESC
     LIMIT ${query.pageSize} OFFSET ${offset}`;
  const countOf = (one: CatalogQuery) =>
    db().$queryRaw<{ count: bigint }[]>`SELECT count(*) AS count FROM model m WHERE ${conditions(actor, one)}`;
  const counts = db().$queryRaw<{ facet: Filter; value: string; count: bigint }[]>`
    ${join(
      FACETS.map((facet) => sql`(${countFacet(actor, facet, query)})`),
      ' UNION ALL ',
    )}`;

  const [found, [totals], [unknowns], counted] = await Promise.all([
    rows,
    countOf(query),
    countOf({ ...query, unknown: true }),
    counts,
  ]);
  const facetOf = (facet: Filter): FacetCount[] =>
    counted.filter((row) => row.facet === facet).map(({ value, count }) => ({ value, count: Number(count) }));
  return {
    rows: found.map((row) => presentRow(actor, row)),
    total: Number(totals?.count ?? 0),
    unknown: Number(unknowns?.count ?? 0),
    facets: {
      base: facetOf('base'),
      family: facetOf('family'),
      type: facetOf('type'),
      verdict: facetOf('verdict'),
      tag: facetOf('tag'),
    },
  };
}

interface RawRow extends Omit<CatalogRow, 'size' | 'createdAt' | 'updatedAt' | 'editable' | 'cover'> {
  coverId: number | null;
  coverSha256: string | null;
  coverThumbnail: string | null;
  coverWidth: number | null;
  coverHeight: number | null;
  coverBlur: string | null;
  coverNsfw: boolean | null;
  ownerId: string | null;
  size: bigint;
  createdAt: Date;
  updatedAt: Date;
}

function presentRow(actor: Actor | null, raw: RawRow): CatalogRow {
  const { ownerId, coverId, coverSha256, coverThumbnail, coverWidth, coverHeight, coverBlur, coverNsfw, ...row } = raw;
  return {
    ...row,
    cover:
      coverId === null
        ? null
        : {
            pictureId: coverId,
            // Browsers keep pictures, and the bytes may be rendered again under the same id.
            url: `/api/pictures/${coverId}?v=${coverSha256?.slice(0, 8)}`,
            thumbnailUrl: `/api/pictures/${coverId}/thumbnail?v=${coverThumbnail?.slice(0, 8)}`,
            width: coverWidth ?? 0,
            height: coverHeight ?? 0,
            blur: coverBlur,
            nsfw: coverNsfw ?? false,
          },
    editable: can(actor, 'model.edit', ownerId),
    size: Number(row.size),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** How many models each value of a facet would leave, every other filter applied. */
function countFacet(actor: Actor | null, facet: Filter, query: CatalogQuery): Prisma.Sql {
  const where = conditions(actor, { ...query, [facet]: [] });
  if (facet === 'tag') {
    return sql`SELECT 'tag' AS facet, t.name AS value, count(*) AS count
                 FROM model m JOIN model_tag mt ON mt."modelId" = m.id JOIN tag t ON t.id = mt."tagId"
                WHERE ${where} GROUP BY t.name ORDER BY count DESC, value LIMIT ${MAX_FACET_VALUES}`;
  }
  const column = { base: sql`m.base`, family: sql`m.family`, type: sql`m.type`, verdict: sql`m.verdict::text` }[facet];
  return sql`SELECT ${facet} AS facet, ${column} AS value, count(*) AS count
               FROM model m WHERE ${where} AND ${column} IS NOT NULL GROUP BY ${column} ORDER BY count DESC, value LIMIT ${MAX_FACET_VALUES}`;
}

/**
 * The models that a search finds and that `actor` may do `action` with, in the order of their ids, `limit` at most. `only`
 * is a further condition for models `m`.
 */
export async function findModelIds(
  actor: Actor,
  action: AccountAction,
  query: CatalogQuery,
  { limit, only = sql`true` }: { limit: number; only?: Prisma.Sql | undefined },
): Promise<{ id: number; name: string }[]> {
  const own = can(actor, action) ? sql`true` : sql`m."ownerId" = ${actor.id}`;
  return await db().$queryRaw`
    SELECT m.id, m.name FROM model m WHERE ${own} AND ${only} AND ${conditions(actor, query)} ORDER BY m.id LIMIT ${limit}`;
}

function conditions(actor: Actor | null, query: CatalogQuery): Prisma.Sql {
  const anyOf = (column: Prisma.Sql, values: readonly string[]) =>
    values.length === 0 ? empty : sql`${column} = ANY(${values})`;
  const tags =
    query.tag.length === 0
      ? empty
      : sql`EXISTS (SELECT 1 FROM model_tag mt JOIN tag t ON t.id = mt."tagId" WHERE mt."modelId" = m.id AND t.name = ANY(${query.tag}))`;
  const all = [
    visibleTo(actor),
    anyOf(sql`m.base`, query.base),
    anyOf(sql`m.family`, query.family),
    anyOf(sql`m.type`, query.type),
    anyOf(sql`m.verdict::text`, query.verdict),
    tags,
    query.unknown ? IS_UNKNOWN : empty,
    matches(query.q),
  ];
  return join(
    all.filter((condition) => condition !== empty),
    ' AND ',
  );
}

/** Every word must stand in the name, the description, a tag or a file name; or the text is a hash of a file. */
function matches(text: string): Prisma.Sql {
  if (text === '') return empty;
  const digest = readDigest(text);
  if (digest !== null) return sql`(${hasDigest(digest)} OR ${hasWord(text)})`;
  return join(text.split(/\s+/).map(hasWord), ' AND ');
}

function hasWord(word: string): Prisma.Sql {
  const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
  return sql`(m.name ILIKE ${pattern} OR m.description ILIKE ${pattern}
    OR EXISTS (SELECT 1 FROM model_tag mt JOIN tag t ON t.id = mt."tagId" WHERE mt."modelId" = m.id AND t.name ILIKE ${pattern})
    OR EXISTS (SELECT 1 FROM model_version v JOIN model_file f ON f."versionId" = v.id WHERE v."modelId" = m.id AND f.filename ILIKE ${pattern}))`;
}

/** Hashes come as people copy them: `[31e35c80fc]`, `sha256:…`, `0x…`, in either case. */
function readDigest(text: string): string | null {
  const hex = text.toLowerCase().replace(/^(?:sha256|blake3|autov[123]|crc32):|^0x|[\s[\]]/g, '');
  return /^[0-9a-f]+$/.test(hex) && [8, 10, 12, 64].includes(hex.length) && !SHA256_OF_EMPTY.startsWith(hex)
    ? hex
    : null;
}

/** SHA-256 of no bytes. Some writers stamp it on everything, so that it names no file. */
const SHA256_OF_EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * SHA-256 and AutoV3 (kohya's hash) are known by their first 10 and 12 digits as well; AutoV1 and CRC32 have 8. Civitai
 * writes the bytes of a CRC32 from last to first.
 */
function hasDigest(hex: string): Prisma.Sql {
  const prefix = `${hex}%`;
  const same =
    hex.length === 8
      ? sql`(b."autoV1" = ${hex} OR b.crc32 IN (${hex}, ${Buffer.from(hex, 'hex').reverse().toString('hex')}))`
      : sql`(b.sha256 LIKE ${prefix} OR b."autoV3" LIKE ${prefix} OR b.blake3 = ${hex})`;
  return sql`EXISTS (SELECT 1 FROM model_version v JOIN model_file f ON f."versionId" = v.id
                       JOIN blob b ON b.sha256 IN (f."sourceSha256", f."convertedSha256")
                                   OR b.sha256 IN (SELECT unnest(ARRAY[p.sha256, p."convertedSha256"])
                                                    FROM model_part p WHERE p."fileId" = f.id)
                      WHERE v."modelId" = m.id AND ${same})`;
}
