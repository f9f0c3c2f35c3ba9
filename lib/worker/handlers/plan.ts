import { backfillPreviews, planModel, replanBase } from '../../previews/index.ts';
import { enqueue, type JobPayload } from '../../queue/index.ts';

export async function run({ modelId, base }: JobPayload<'plan'>): Promise<void> {
  if (modelId !== undefined) return await planModel(modelId);
  if (base !== undefined) return await replanBase(base);
  // A large catalog is worked off in pieces, each with a lease of its own.
  if (await backfillPreviews()) await enqueue('plan', {});
}
