import { z } from 'zod';
import { escapeLike, Prisma, type ProposalState } from '../../db/index.ts';

const { sql, join } = Prisma;

/** What can become of a proposal. */
export const PROPOSAL_STATES = ['open', 'accepted', 'dismissed'] as const satisfies ProposalState[];

/** Which proposals: those of a group, of a certainty they would get, with a text in the name of model or file. */
export const PROPOSAL_FILTER = z.strictObject({
  group: z.string().max(400).exactOptional(),
  confidence: z.enum(['certain', 'high', 'medium', 'low']).exactOptional(),
  q: z.string().max(200).exactOptional(),
});

export type ProposalFilter = z.output<typeof PROPOSAL_FILTER> & { state?: ProposalState };

/** The id of a group: type and base before and after. */
export const GROUP = sql`concat_ws('/', p."fromType", p."fromBase", p."toType", p."toBase")`;

/** The condition for proposals `p` of model `m` and file `f`. */
export function whereProposals(jobId: number, { state, group, confidence, q = '' }: ProposalFilter): Prisma.Sql {
  const pattern = `%${escapeLike(q.trim())}%`;
  return join(
    [
      sql`p."jobId" = ${jobId}`,
      ...(state === undefined ? [] : [sql`p.state = ${state}::"ProposalState"`]),
      ...(group === undefined ? [] : [sql`${GROUP} = ${group}`]),
      ...(confidence === undefined ? [] : [sql`p."toConfidence" = ${confidence}`]),
      ...(q.trim() === '' ? [] : [sql`(m.name ILIKE ${pattern} OR f.filename ILIKE ${pattern})`]),
    ],
    ' AND ',
  );
}
