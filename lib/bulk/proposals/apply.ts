import { auditAll } from '../../audit/index.ts';
import type { Tx } from '../../db/index.ts';
import { publish } from '../../events/index.ts';
import { refreshModel } from '../../ingest/index.ts';
import { enqueueAll } from '../../queue/index.ts';
import type { ModelRow } from '../fields.ts';

/** A file whose identification is to be another one. */
interface Replaced {
  id: number;
  fileId: number;
  modelId: number;
  fromType: string;
  fromBase: string;
  fromConfidence: string;
  toType: string;
  toBase: string;
  toConfidence: string;
}

/** What became of the models: those whose files were changed, and why others were not. */
export interface Applied {
  changed: ReadonlySet<number>;
  refused: ReadonlyMap<number, string>;
}

const CHANGED_SINCE = 'The file was identified again since.';
const SET_SINCE = 'Type and base model were set manually since.';

/**
 * Puts what was proposed in the place of what is known, of the models that the caller's transaction holds: where it is
 * still what the proposal was made for, and no person decided since.
 */
export async function acceptProposals(
  tx: Tx,
  actor: string,
  jobId: number,
  models: readonly ModelRow[],
): Promise<Applied> {
  const decided = models.filter(({ typeSource, baseSource }) => typeSource === 'user' && baseSource === 'user');
  const open = models.filter((model) => !decided.includes(model));
  const done = await tx.$queryRaw<Replaced[]>`
    UPDATE model_file f SET identity = p.after, "identityRules" = p.rules
      FROM identity_proposal p
     WHERE p."acceptedInId" = ${jobId} AND p.state <> 'accepted' AND p."modelId" = ANY(${open.map(({ id }) => id)})
       AND f.id = p."fileId" AND f.identity IS NOT DISTINCT FROM p.before
    RETURNING p.id, p."fileId", p."modelId", p."fromType", p."fromBase", p."fromConfidence",
              p."toType", p."toBase", p."toConfidence"`;
  await tx.identityProposal.updateMany({
    where: { id: { in: done.map(({ id }) => id) } },
    data: { state: 'accepted' },
  });
  const changed = await follow(tx, actor, done, models);
  const refused = new Map(decided.map(({ id }) => [id, SET_SINCE]));
  for (const { id } of open) if (!changed.has(id)) refused.set(id, CHANGED_SINCE);
  return { changed, refused };
}

/** Gives back what was known before a job accepted proposals, where it is still what the job put there. */
export async function revertProposals(
  tx: Tx,
  actor: string,
  jobId: number,
  models: readonly ModelRow[],
): Promise<Applied> {
  const done = await tx.$queryRaw<Replaced[]>`
    UPDATE model_file f SET identity = p.before, "identityRules" = p."beforeRules"
      FROM identity_proposal p
     WHERE p."acceptedInId" = ${jobId} AND p.state = 'accepted' AND p."modelId" = ANY(${models.map(({ id }) => id)})
       AND f.id = p."fileId" AND f.identity = p.after
    RETURNING p.id, p."fileId", p."modelId", p."toType" AS "fromType", p."toBase" AS "fromBase",
              p."toConfidence" AS "fromConfidence", p."fromType" AS "toType", p."fromBase" AS "toBase",
              p."fromConfidence" AS "toConfidence"`;
  await tx.identityProposal.updateMany({
    where: { id: { in: done.map(({ id }) => id) } },
    data: { state: 'open', acceptedInId: null },
  });
  const changed = await follow(tx, actor, done, models);
  const refused = new Map<number, string>();
  for (const { id } of models) if (!changed.has(id)) refused.set(id, CHANGED_SINCE);
  return { changed, refused };
}

/** What follows from other identifications: what the catalog shows, what is rendered, audit rows and events. */
async function follow(tx: Tx, actor: string, done: readonly Replaced[], models: readonly ModelRow[]) {
  const changed = new Set(done.map(({ modelId }) => modelId));
  for (const modelId of changed) await refreshModel(tx, modelId);
  await enqueueAll(
    'plan',
    [...changed].map((modelId) => ({ modelId })),
    tx,
  );
  await auditAll(
    tx,
    done.map(({ fileId, fromType, fromBase, fromConfidence, toType, toBase, toConfidence }) => ({
      actor,
      action: 'file.identify',
      subject: 'file',
      subjectId: fileId,
      before: { type: fromType, base: fromBase, confidence: fromConfidence },
      after: { type: toType, base: toBase, confidence: toConfidence },
    })),
  );
  const owners = new Map(models.map(({ id, ownerId }) => [id, ownerId]));
  for (const { fileId, modelId } of done)
    await publish(tx, { kind: 'file', fileId, modelId, ownerId: owners.get(modelId) ?? null });
  return changed;
}
