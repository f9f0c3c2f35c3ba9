import { z } from 'zod';
import type { Actor } from '../accounts/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { reidentifyModel } from '../ingest/index.ts';
import { editModel, MODEL_PATCH } from './edit.ts';
import type { BulkChange, BulkResult, ModelPatch } from './types.ts';

/** Models of one request. Whoever changes more sends several, and can say how far it is. */
const MAX_MODELS = 100;

/** One change for many models. */
export const BULK_CHANGE: z.ZodType<BulkChange> = z
  .strictObject({
    ids: z.array(z.int().positive()).min(1).max(MAX_MODELS),
    type: z.string().nullable().exactOptional(),
    base: z.string().nullable().exactOptional(),
    addTags: z.array(z.string()).max(50).exactOptional(),
    identify: z.literal(true).exactOptional(),
  })
  .refine((change) => Object.keys(change).length > 1, {
    message: 'Set at least one of type, base, addTags or identify.',
  });

/**
 * Makes one change to many models, each on its own: what is refused for one (gone meanwhile, somebody else's) says why
 * and leaves the others changed.
 */
export async function changeModels(actor: Actor | null, change: BulkChange): Promise<BulkResult> {
  const { ids, addTags, identify, ...fields } = change;
  // Refuses a wrong value once, before anything changes.
  MODEL_PATCH.parse({ ...fields, ...(addTags && { tags: addTags }) });
  const result: BulkResult = { changed: [], refused: [] };
  for (const id of new Set(ids)) {
    try {
      const patch: ModelPatch = { ...fields };
      if (addTags !== undefined) patch.tags = [...(await tagsOf(id)), ...addTags];
      if (Object.keys(patch).length > 0) await editModel(actor, id, patch);
      if (identify) await reidentifyModel(actor, id);
      result.changed.push(id);
    } catch (error) {
      if (error instanceof z.ZodError) result.refused.push({ id, message: 'A model can have at most 50 tags.' });
      else if (error instanceof AppError && error.code !== 'not_signed_in')
        result.refused.push({ id, message: error.message });
      else throw error;
    }
  }
  return result;
}

async function tagsOf(modelId: number): Promise<string[]> {
  const tags = await db().modelTag.findMany({ where: { modelId }, select: { tag: { select: { name: true } } } });
  return tags.map(({ tag }) => tag.name);
}
