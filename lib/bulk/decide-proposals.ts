import { z } from 'zod';
import { type Actor, authorizeAny } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { db, Prisma, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import { createJob, MAX_MODELS, requireRoomForJob } from './create-job.ts';
import { requireOwnJob } from './own-job.ts';
import { PROPOSAL_FILTER, type ProposalFilter, whereProposals } from './proposals/index.ts';

const { sql } = Prisma;

/** Proposals by id, or all open ones that a filter leaves. */
export const PROPOSAL_CHOICE = z.strictObject({
  ids: z.array(z.int().positive()).min(1).max(MAX_MODELS).exactOptional(),
  ...PROPOSAL_FILTER.shape,
});
type ProposalChoice = z.output<typeof PROPOSAL_CHOICE>;

/** Starts a job that accepts proposals. Throws AppError. */
export async function acceptChosen(
  actor: Actor | null,
  jobId: number,
  choice: ProposalChoice,
): Promise<{ id: number; total: number }> {
  const job = await requireOwnJob(actor, jobId);
  authorizeAny(actor, 'model.edit');
  return await db().$transaction(
    async (tx) => {
      await requireRoomForJob(job.actor, tx);
      const chosen = await lockChosen(tx, jobId, choice);
      const models = new Map(chosen.map(({ modelId, name }) => [modelId, { id: modelId, name }]));
      const action = { action: 'accept-identification', params: { jobId } };
      const made = await createJob(job.actor, tx, action, [...models.values()]);
      await tx.identityProposal.updateMany({
        where: { id: { in: chosen.map(({ id }) => id) } },
        data: { acceptedInId: made.id },
      });
      return made;
    },
    { timeout: 60_000 },
  );
}

/** Sets proposals aside; the files stay as they are, and count as looked at by these rules. Returns how many. */
export async function dismissChosen(
  actor: Actor | null,
  jobId: number,
  choice: ProposalChoice,
): Promise<{ dismissed: number }> {
  const job = await requireOwnJob(actor, jobId);
  return await db().$transaction(
    async (tx) => {
      const chosen = await lockChosen(tx, jobId, choice);
      const ids = chosen.map(({ id }) => id);
      await tx.identityProposal.updateMany({ where: { id: { in: ids } }, data: { state: 'dismissed' } });
      await tx.$executeRaw`
        UPDATE model_file f SET "identityRules" = p.rules
          FROM identity_proposal p WHERE p.id = ANY(${ids}) AND f.id = p."fileId" AND f.identity IS NOT DISTINCT FROM p.before`;
      await audit(tx, {
        actor: job.actor.id,
        action: 'bulk.dismiss',
        subject: 'bulk',
        subjectId: jobId,
        after: { proposals: ids.length },
      });
      await publish(tx, { kind: 'bulk', jobId, ownerId: job.ownerId });
      return { dismissed: ids.length };
    },
    { timeout: 60_000 },
  );
}

/** Those that are chosen and that no other job is about to accept. What was dismissed can be chosen by its id. */
async function lockChosen(tx: Tx, jobId: number, { ids, ...filter }: ProposalChoice) {
  const which =
    ids === undefined
      ? whereProposals(jobId, { ...filter, state: 'open' } satisfies ProposalFilter)
      : sql`p."jobId" = ${jobId} AND p.state <> 'accepted' AND p.id = ANY(${ids})`;
  const chosen = await tx.$queryRaw<{ id: number; modelId: number; name: string }[]>`
    SELECT p.id, p."modelId", m.name FROM identity_proposal p
      JOIN model m ON m.id = p."modelId" JOIN model_file f ON f.id = p."fileId"
     WHERE ${which} AND NOT EXISTS (SELECT FROM bulk_job j WHERE j.id = p."acceptedInId" AND j.state IN ('queued', 'running'))
     ORDER BY p."modelId", p.id LIMIT ${MAX_MODELS} FOR UPDATE OF p`;
  if (chosen.length === 0) throw new AppError('conflict', 'No open proposal was found.');
  return chosen;
}
