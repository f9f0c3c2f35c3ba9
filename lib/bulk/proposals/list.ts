import type { Actor } from '../../accounts/index.ts';
import { db, type ProposalState } from '../../db/index.ts';
import { PROPOSAL_AFTER, PROPOSAL_BEFORE } from '../../ingest/index.ts';
import { requireOwnJob } from '../own-job.ts';
import type { ProposalGroup, ProposalsPage, ProposalView } from '../types.ts';
import { listDifferences } from './differences.ts';
import { GROUP, type ProposalFilter, whereProposals } from './filter.ts';

const PAGE = 100;
/** More kinds of changes than anybody reads; the list itself has all. */
const MAX_GROUPS = 200;

interface Row {
  id: number;
  fileId: number;
  modelId: number;
  name: string;
  filename: string;
  state: ProposalState;
  acceptedInId: number | null;
  fromType: string;
  fromBase: string;
  fromConfidence: string;
  toType: string;
  toBase: string;
  toConfidence: string;
  before: unknown;
  after: unknown;
}

/** What a re-identification would change: in groups, and 100 one by one after the file `after`. Throws AppError. */
export async function listProposals(
  actor: Actor | null,
  jobId: number,
  { after = 0, state = 'open', ...filter }: ProposalFilter & { after?: number } = {},
): Promise<ProposalsPage> {
  await requireOwnJob(actor, jobId);
  const where = whereProposals(jobId, { ...filter, state });
  const [groups, counted, rows] = await Promise.all([
    db().$queryRaw<RawGroup[]>`
      SELECT ${GROUP} AS id, p."fromType", p."fromBase", p."toType", p."toBase",
             count(DISTINCT p."modelId")::int AS models, count(*)::int AS files
        FROM identity_proposal p WHERE p."jobId" = ${jobId} AND p.state = ${state}::"ProposalState"
       GROUP BY p."fromType", p."fromBase", p."toType", p."toBase" ORDER BY files DESC, id LIMIT ${MAX_GROUPS}`,
    db().identityProposal.groupBy({ by: ['state'], where: { jobId }, _count: true }),
    db().$queryRaw<Row[]>`
      SELECT p.id, p."fileId", p."modelId", m.name, f.filename, p.state::text AS state, p."acceptedInId", p."fromType", p."fromBase",
             p."fromConfidence", p."toType", p."toBase", p."toConfidence", p.before, p.after
        FROM identity_proposal p JOIN model m ON m.id = p."modelId" JOIN model_file f ON f.id = p."fileId"
       WHERE ${where} AND p."fileId" > ${after} ORDER BY p."fileId" LIMIT ${PAGE + 1}`,
  ]);
  const page = rows.slice(0, PAGE);
  const counts: Record<ProposalState, number> = { open: 0, accepted: 0, dismissed: 0 };
  for (const one of counted) counts[one.state] = one._count;
  return {
    counts,
    groups: groups.map(presentGroup),
    proposals: page.map(presentProposal),
    next: rows.length > PAGE ? (page.at(-1)?.fileId ?? null) : null,
  };
}

/** How many proposals of these jobs nobody has decided on. */
export async function countOpenProposals(jobIds: readonly number[]): Promise<Map<number, number>> {
  const counted = await db().identityProposal.groupBy({
    by: ['jobId'],
    where: { jobId: { in: [...jobIds] }, state: 'open' },
    _count: true,
  });
  return new Map(counted.map(({ jobId, _count }) => [jobId, _count]));
}

interface RawGroup {
  id: string;
  fromType: string;
  fromBase: string;
  toType: string;
  toBase: string;
  models: number;
  files: number;
}

function presentGroup({ id, fromType, fromBase, toType, toBase, models, files }: RawGroup): ProposalGroup {
  return { id, from: { type: fromType, base: fromBase }, to: { type: toType, base: toBase }, models, files };
}

function presentProposal(row: Row): ProposalView {
  const before = PROPOSAL_BEFORE.tryRead(row.before);
  const after = PROPOSAL_AFTER.tryRead(row.after);
  const fields = after === null ? [] : listDifferences(before, after);
  return {
    id: row.id,
    fileId: row.fileId,
    modelId: row.modelId,
    name: row.name,
    filename: row.filename,
    state: row.state,
    acceptedInId: row.state === 'accepted' ? row.acceptedInId : null,
    from: { type: row.fromType, base: row.fromBase, confidence: row.fromConfidence },
    to: { type: row.toType, base: row.toBase, confidence: row.toConfidence },
    others: fields.filter((field) => field !== 'type' && field !== 'base' && field !== 'confidence'),
    evidence: after?.evidence.map(({ field, source, detail }) => ({ field, source, detail })) ?? [],
    problems: after?.problems ?? [],
  };
}
