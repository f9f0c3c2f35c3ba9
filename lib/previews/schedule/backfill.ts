import { config } from '../../config.ts';
import { db } from '../../db/index.ts';
import { log } from '../../log.ts';
import { enqueue } from '../../queue/index.ts';
import { planModel } from './plan-model.ts';

/** Models that are planned in one go. */
const BATCH = 200;

/** Plans every preview again that could not be rendered for want of a checkpoint or a renderer of this base version. */
export async function replanBase(base: string): Promise<void> {
  const rows = await db().$queryRaw<{ id: number }[]>`
    SELECT DISTINCT m.id FROM preview p JOIN model_file f ON f."convertedSha256" = p.sha256
      JOIN model_version v ON v.id = f."versionId" JOIN model m ON m.id = v."modelId"
     WHERE p.base = ${base} AND p.state IN ('waiting_for_base', 'not_applicable') ORDER BY m.id`;
  await planAll(rows);
}

/**
 * Plans models that were converted while previews were off, or before there were any, the newest first. Returns whether
 * there may be more.
 */
export async function backfillPreviews(): Promise<boolean> {
  if (config().previews === 'off') return false;
  const rows = await db().$queryRaw<{ id: number }[]>`
    SELECT m.id FROM model m
      JOIN LATERAL (SELECT f."convertedSha256" AS sha256 FROM model_file f JOIN model_version v ON v.id = f."versionId"
                     WHERE v."modelId" = m.id AND f."madeFromId" IS NULL AND f.conversion = 'converted'
                       AND f."convertedSha256" IS NOT NULL ORDER BY f.id DESC LIMIT 1) f ON true
     WHERE NOT EXISTS (SELECT 1 FROM preview p WHERE p.sha256 = f.sha256)
     ORDER BY m.id DESC LIMIT ${BATCH}`;
  const planned = await planAll(rows);
  // Where none could be planned, none of the next can either, or these would stand first for ever.
  return rows.length === BATCH && planned > 0;
}

/** Plans what a newer version of its profile, or nothing yet, was rendered of. Returns how many models. */
export async function planOutdated(): Promise<number> {
  const rows = await db().$queryRaw<{ id: number }[]>`
    SELECT DISTINCT m.id FROM model m
      JOIN LATERAL (SELECT f."convertedSha256" AS sha256 FROM model_file f JOIN model_version v ON v.id = f."versionId"
                     WHERE v."modelId" = m.id AND f."madeFromId" IS NULL AND f.conversion = 'converted'
                       AND f."convertedSha256" IS NOT NULL ORDER BY f.id DESC LIMIT 1) f ON true
     WHERE NOT EXISTS (SELECT 1 FROM preview p JOIN preview_profile pp ON pp.id = p."profileId"
                        WHERE p.sha256 = f.sha256 AND p."profileVersion" = pp.version)`;
  for (const { id } of rows) await enqueue('plan', { modelId: id }, { priority: -1 });
  return rows.length;
}

async function planAll(models: readonly { id: number }[]): Promise<number> {
  let planned = 0;
  for (const { id } of models) {
    try {
      await planModel(id);
      planned += 1;
    } catch (error) {
      // One that cannot be planned must not keep the others from it.
      log('previews').error({ modelId: id, error: (error as Error).message }, 'A preview could not be planned.');
    }
  }
  return planned;
}
