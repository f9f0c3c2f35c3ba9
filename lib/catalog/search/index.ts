import { type AccountAction, type Actor, can } from '../../accounts/index.ts';
import { db, isStatementTimeout, Prisma } from '../../db/index.ts';
import { AppError } from '../../errors.ts';
import type { CatalogQuery, CatalogResult } from '../types.ts';
import { allOf, readSearch } from './conditions.ts';
import { countModels } from './counts.ts';
import { readRows } from './rows.ts';

const { sql } = Prisma;

/**
 * One page of the catalog as `actor` may see it, with the counts of every facet. Everything is read from `model_search`, one row
 * a model, and from counts, both of which triggers keep in the transaction that changes a model.
 */
export async function searchModels(actor: Actor | null, query: CatalogQuery): Promise<CatalogResult> {
  try {
    const search = await readSearch(actor, query);
    const counts = await countModels(actor, search);
    return { ...counts, rows: await readRows(actor, query, search, counts) };
  } catch (error) {
    if (!isStatementTimeout(error)) throw error;
    throw new AppError('unavailable', 'This search takes too long. Use other or more words, or try again later.', {
      cause: error,
    });
  }
}

/**
 * The models that a search finds and that `actor` may do `action` with, in the order of their ids, `limit` at most. `only`
 * is a further condition on the table `model m`.
 */
export async function findModelIds(
  actor: Actor,
  action: AccountAction,
  query: CatalogQuery,
  { limit, only = sql`true` }: { limit: number; only?: Prisma.Sql | undefined },
): Promise<{ id: number; name: string }[]> {
  const own = can(actor, action) ? sql`true` : sql`m."ownerId" = ${actor.id}`;
  const found = allOf(await readSearch(actor, query));
  return await db().$queryRaw`
    SELECT m.id, m.name FROM model m
     WHERE ${own} AND ${only} AND m.id IN (SELECT m."modelId" FROM model_search m WHERE ${found})
     ORDER BY m.id LIMIT ${limit}`;
}
