import { IDENTIFICATION_RULES } from '#scanner/identify/index.ts';
import { type Actor, authorize } from '../accounts/index.ts';
import { db, Prisma } from '../db/index.ts';
import { IDENTIFIED_BY_OLDER } from '../ingest/index.ts';

/** By which rules the files of the catalog are identified. */
export interface IdentificationView {
  rules: string;
  /** Files whose tensors could be listed. */
  identified: number;
  /** Of these, the files that older rules identified. */
  outdated: number;
}

/** How many files these rules have not identified. */
export async function readIdentification(actor: Actor | null): Promise<IdentificationView> {
  authorize(actor, 'jobs.read');
  const [counts] = await db().$queryRaw<{ identified: number; outdated: number }[]>(Prisma.sql`
    SELECT count(*)::int AS identified, count(*) FILTER (WHERE ${IDENTIFIED_BY_OLDER})::int AS outdated
      FROM model_file f WHERE f.identity IS NOT NULL`);
  return { rules: IDENTIFICATION_RULES, identified: counts?.identified ?? 0, outdated: counts?.outdated ?? 0 };
}
