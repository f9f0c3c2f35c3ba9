import { type Actor, can } from '../../accounts/index.ts';
import { Prisma, searchDb } from '../../db/index.ts';
import type { CatalogSort } from '../sorts.ts';
import type { CatalogQuery, CatalogRow } from '../types.ts';
import { allOf, type Search } from './conditions.ts';
import type { Counts } from './counts.ts';

const { sql } = Prisma;

/** The names are those of the schema, never of a request. */
function columnOf(sort: CatalogSort): Prisma.Sql {
  return Prisma.raw(`m."${Prisma.ModelSearchScalarFieldEnum[sort]}"`);
}

/** One page of what a search finds. */
export async function readRows(
  actor: Actor | null,
  query: CatalogQuery,
  search: Search,
  counts: Pick<Counts, 'total' | 'isCapped'>,
): Promise<CatalogRow[]> {
  const ids = await findPage(query, search, counts);
  if (ids.length === 0) return [];
  const rows = await searchDb().$queryRaw<RawRow[]>`
    SELECT m.id, m.slug, m.name, m.type, m.base, m.family, m."ownerId", m.verdict::text AS verdict, m.size, m.downloads,
           m."createdAt", m."updatedAt", u.name AS owner,
           p.id AS "coverId", p.sha256 AS "coverSha256", p."thumbnailSha256" AS "coverThumbnail", p.width AS "coverWidth", p.height AS "coverHeight", p.blur AS "coverBlur", p.nsfw AS "coverNsfw",
           coalesce((SELECT f.conversion::text FROM model_file f JOIN model_version v ON v.id = f."versionId"
                      WHERE v."modelId" = m.id AND f."madeFromId" IS NULL ORDER BY v.id DESC, f.id DESC LIMIT 1), 'none') AS conversion,
           ARRAY(SELECT t.name FROM model_tag mt JOIN tag t ON t.id = mt."tagId" WHERE mt."modelId" = m.id ORDER BY t.name) AS tags
      FROM unnest(${ids}::int[]) WITH ORDINALITY AS page(id, place) JOIN model m ON m.id = page.id
      LEFT JOIN "user" u ON u.id = m."ownerId" LEFT JOIN picture p ON p.id = m."coverId"
     ORDER BY page.place`;
  return rows.map((row) => presentRow(actor, row));
}

/**
 * The models of a page in their order. What a text finds is sorted, those with the words as they stand there first; where it
 * finds too many to sort, and without a text, an index is walked, from whichever end is nearer.
 */
async function findPage(
  { sort, descending, page, pageSize }: CatalogQuery,
  search: Search,
  { total, isCapped }: Pick<Counts, 'total' | 'isCapped'>,
): Promise<number[]> {
  const offset = (page - 1) * pageSize;
  const column = columnOf(sort);
  const where = allOf(search);
  if (total <= offset && !isCapped) return [];
  if (total <= MOST_SORTED && !isCapped) {
    const rank = search.exact === null ? sql`true` : search.exact;
    const direction = descending ? sql`DESC` : sql`ASC`;
    const rows = await searchDb().$queryRaw<{ id: number }[]>`
      WITH found AS MATERIALIZED (
        SELECT m."modelId" AS id, ${column} AS key, ${rank} AS exact FROM model_search m WHERE ${where} LIMIT ${MOST_SORTED + 1})
      SELECT id FROM found ORDER BY exact DESC, key ${direction}, id ${direction} LIMIT ${pageSize} OFFSET ${offset}`;
    return rows.map(({ id }) => id);
  }
  const left = total - offset;
  const fromEnd = !isCapped && offset > total / 2;
  const direction = descending !== fromEnd ? sql`DESC` : sql`ASC`;
  const limit = fromEnd ? Math.min(pageSize, left) : pageSize;
  const skipped = fromEnd ? Math.max(0, left - pageSize) : offset;
  const rows = await searchDb().$queryRaw<{ id: number }[]>`
    SELECT m."modelId" AS id FROM model_search m WHERE ${where}
     ORDER BY ${column} ${direction}, m."modelId" ${direction} LIMIT ${limit} OFFSET ${skipped}`;
  const ids = rows.map(({ id }) => id);
  return fromEnd ? ids.reverse() : ids;
}

/** So many are sorted in a moment. */
const MOST_SORTED = 10_000;

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
