import { IDENTIFICATION_RULES } from '#scanner/identify/index.ts';
import type { Actor } from '../../accounts/index.ts';
import { requireVisible } from '../../catalog/index.ts';
import { db, Prisma } from '../../db/index.ts';
import { hasNoVerdict, IDENTITY, PROPOSAL_AFTER, previewIdentity } from '../../ingest/index.ts';
import type { EachResult } from '../types.ts';
import { listDifferences } from './differences.ts';

const { sql } = Prisma;

interface Found {
  id: number;
  modelId: number;
  type: string;
  base: string;
}

/**
 * Identifies the files of a model as these rules do, and lists what that would change; changes nothing itself. What a
 * person decided is no part of it. May be done twice: what nobody decided on meanwhile is listed anew.
 */
export async function proposeIdentity(
  actor: Actor,
  modelId: number,
  { id: jobId, params: { older } }: { id: number; params: { older: boolean } },
): Promise<EachResult> {
  const model = await db().model.findUnique({ where: { id: modelId } });
  requireVisible(actor, model, 'model');
  if (model.typeSource === 'user' && model.baseSource === 'user')
    return { state: 'unchanged', reason: 'Type and base model were set manually.' };
  const files = await db().modelFile.findMany({
    where: { version: { modelId } },
    select: {
      id: true,
      filename: true,
      layout: true,
      sourceSha256: true,
      state: true,
      identity: true,
      identityRules: true,
    },
    orderBy: { id: 'asc' },
  });
  const isOlder = ({ identity, identityRules }: (typeof files)[number]) =>
    identity !== null && (identityRules ?? '') < IDENTIFICATION_RULES;
  const wanted = files.filter(
    (file) => !hasNoVerdict(file.state) && file.state !== 'malformed' && (!older || isOlder(file)),
  );
  let isProposed = false;
  for (const file of wanted) {
    const identity = await previewIdentity(file);
    const known = IDENTITY.tryRead(file.identity);
    const chosen = { type: model.typeSource === 'user', base: model.baseSource === 'user' };
    if (listDifferences(known, identity, chosen).length === 0) {
      await confirmRules(file.id);
      continue;
    }
    isProposed = true;
    await saveProposal(jobId, { id: file.id, modelId, type: model.type, base: model.base }, chosen, identity);
  }
  return { state: isProposed ? 'proposed' : 'unchanged' };
}

/** These rules say the same of it, so that it need not be looked at again. */
async function confirmRules(fileId: number): Promise<void> {
  await db().modelFile.updateMany({ where: { id: fileId }, data: { identityRules: IDENTIFICATION_RULES } });
}

async function saveProposal(
  jobId: number,
  { id, modelId, type, base }: Found,
  chosen: { type: boolean; base: boolean },
  identity: Awaited<ReturnType<typeof previewIdentity>>,
): Promise<void> {
  const shown = (field: 'type' | 'base', now: string) =>
    chosen[field] ? sql`${now}` : sql`coalesce(f.identity ->> ${field}, 'unknown')`;
  // What stands in the row is copied there, so that it can be compared later to the last byte.
  await db().$executeRaw`
    INSERT INTO identity_proposal ("jobId", "fileId", "modelId", "fromType", "fromBase", "fromConfidence",
                                   "toType", "toBase", "toConfidence", before, after, "beforeRules", rules)
    SELECT ${jobId}, f.id, ${modelId}, ${shown('type', type)}, ${shown('base', base)},
           coalesce(f.identity ->> 'confidence', 'low'), ${chosen.type ? type : identity.type},
           ${chosen.base ? base : identity.base}, ${identity.confidence}, f.identity,
           ${JSON.stringify(PROPOSAL_AFTER.write(identity))}::jsonb, f."identityRules", ${IDENTIFICATION_RULES}
      FROM model_file f WHERE f.id = ${id}
    ON CONFLICT ("jobId", "fileId") DO UPDATE
       SET "fromType" = EXCLUDED."fromType", "fromBase" = EXCLUDED."fromBase", "fromConfidence" = EXCLUDED."fromConfidence",
           "toType" = EXCLUDED."toType", "toBase" = EXCLUDED."toBase", "toConfidence" = EXCLUDED."toConfidence",
           before = EXCLUDED.before, after = EXCLUDED.after, "beforeRules" = EXCLUDED."beforeRules", rules = EXCLUDED.rules
     WHERE identity_proposal.state = 'open'`;
}
