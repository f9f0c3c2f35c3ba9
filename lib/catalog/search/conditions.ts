import type { Actor } from '../../accounts/index.ts';
import { Prisma, searchDb } from '../../db/index.ts';
import type { CatalogQuery } from '../types.ts';
import { visibleTo } from '../visibility.ts';
import { findModelsOfDigest, readDigest } from './digests.ts';
import { readWords } from './words.ts';

const { sql, join } = Prisma;

/** What a facet counts, each a filter of the same name. */
export type Facet = 'base' | 'family' | 'type' | 'verdict' | 'tag';

/** A search as conditions on `model_search m`. */
export interface Search {
  visible: Prisma.Sql;
  /** Of the text; null where there is none. */
  text: Prisma.Sql | null;
  /** Fits models with the words as they stand there: those come first. Null where the text is no words. */
  exact: Prisma.Sql | null;
  /** By facet; only of those that are filtered by. */
  filters: ReadonlyMap<Facet | 'unknown', Prisma.Sql>;
  /** The tags that are asked for, of which any will do. */
  tagIds: readonly number[];
}

/** Reads what a search asks for; its words and tags are looked up. */
export async function readSearch(actor: Actor | null, query: CatalogQuery): Promise<Search> {
  const [found, tagIds] = await Promise.all([readText(query.q), findTags(query.tag)]);
  const filters = new Map<Facet | 'unknown', Prisma.Sql>();
  const anyOf = (facet: Facet, column: Prisma.Sql, values: readonly string[]) => {
    if (values.length > 0) filters.set(facet, sql`${column} = ANY(${values})`);
  };
  anyOf('base', sql`m.base`, query.base);
  anyOf('family', sql`m.family`, query.family);
  anyOf('type', sql`m.type`, query.type);
  if (query.verdict.length > 0) filters.set('verdict', sql`m.verdict = ANY(${query.verdict}::"FileState"[])`);
  if (query.tag.length > 0) filters.set('tag', sql`m."tagIds" && ${tagIds}::int[]`);
  if (query.unknown) filters.set('unknown', sql`m.unknown`);
  return { visible: visibleTo(actor), ...found, filters, tagIds };
}

/** Every condition, but for those of `without`. */
export function allOf({ visible, text, filters }: Search, without: readonly (Facet | 'unknown')[] = []): Prisma.Sql {
  const left = [...filters].flatMap(([facet, condition]) => (without.includes(facet) ? [] : [condition]));
  return join([visible, ...(text === null ? [] : [text]), ...left], ' AND ');
}

async function findTags(names: readonly string[]): Promise<number[]> {
  if (names.length === 0) return [];
  return (await searchDb().tag.findMany({ where: { name: { in: [...names] } }, select: { id: true } })).map(
    ({ id }) => id,
  );
}

/** Every word must stand in a name, the description, a tag or a file name; or the text is a hash of a file, or begins one. */
async function readText(text: string): Promise<Pick<Search, 'text' | 'exact'>> {
  if (text === '') return { text: null, exact: null };
  const digest = readDigest(text);
  const [words, models] = await Promise.all([readWords(text), digest === null ? [] : findModelsOfDigest(digest)]);
  const ways = [
    ...(models.length === 0 ? [] : [sql`m."modelId" = ANY(${models}::int[])`]),
    ...(words === null ? [] : [sql`m.words @@ ${words.all}::tsquery`]),
  ];
  return {
    text: ways.length === 0 ? sql`false` : sql`(${join(ways, ' OR ')})`,
    exact: words === null ? null : sql`m.words @@ ${words.exact}::tsquery`,
  };
}
