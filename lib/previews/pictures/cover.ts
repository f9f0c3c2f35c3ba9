import { db, type Tx } from '../../db/index.ts';
import { readPlan } from '../columns.ts';
import { planTiles, type TilePlan } from '../plan/index.ts';

/** The tile that says most about a model: a LoRA at its full weight, the embedding or VAE in use, a checkpoint's first. */
export function bestTile({ layout, tiles }: TilePlan): number {
  const index =
    layout === 'sweep'
      ? tiles.findIndex(({ loraWeight }) => loraWeight === 1)
      : layout === 'comparison'
        ? tiles.findIndex(({ column }) => column === 1)
        : 0;
  return Math.max(0, index);
}

/**
 * Makes a tile the cover of the models that have its file, unless a person chose theirs: the first one at once, the best
 * one when it is rendered. In a transaction of its own: a deletion takes the model first and then its pictures, and
 * whoever took them the other way round could wait for it for ever.
 */
export async function coverModels(
  previewId: number,
  pictureId: number,
  { isBest }: { isBest: boolean },
): Promise<void> {
  await db().$transaction(async (tx) => {
    const models = await tx.$queryRaw<{ id: number }[]>`
      SELECT m.id FROM model m
       WHERE NOT m."coverChosen" AND (m."coverId" IS NULL OR ${isBest})
         AND (SELECT f."convertedSha256" FROM model_file f JOIN model_version v ON v.id = f."versionId"
               WHERE v."modelId" = m.id AND f."madeFromId" IS NULL AND f.conversion = 'converted'
               ORDER BY f.id DESC LIMIT 1) = (SELECT sha256 FROM preview WHERE id = ${previewId})
       ORDER BY m.id FOR UPDATE OF m`;
    if (models.length === 0 || (await tx.picture.count({ where: { id: pictureId } })) === 0) return;
    // Not `update`: it would move the model to the top of "last changed".
    const ids = models.map(({ id }) => id);
    await tx.$executeRaw`UPDATE model SET "coverId" = ${pictureId} WHERE id = ANY(${ids}) AND NOT "coverChosen"`;
  });
}

/**
 * The picture that stands for a model of which nobody chose one: the best tile of its newest preview, else the newest
 * upload.
 */
export async function findDefaultCover(tx: Tx, modelId: number): Promise<number | null> {
  const files = await tx.modelFile.findMany({
    where: { version: { modelId }, madeFromId: null, convertedSha256: { not: null } },
    orderBy: { id: 'desc' },
    select: { convertedSha256: true },
  });
  for (const { convertedSha256 } of files) {
    const preview = await tx.preview.findFirst({
      where: { sha256: convertedSha256 ?? '', pictures: { some: { kind: 'tile' } } },
      orderBy: { id: 'desc' },
      include: { pictures: { where: { kind: 'tile' }, orderBy: { tile: 'asc' }, select: { id: true, tile: true } } },
    });
    if (preview === null) continue;
    const plan = readPlan(preview.plan);
    const best = plan === null ? null : bestTile(planTiles(plan));
    return (preview.pictures.find(({ tile }) => tile === best) ?? preview.pictures[0])?.id ?? null;
  }
  const uploaded = await tx.picture.findFirst({ where: { modelId }, orderBy: { id: 'desc' }, select: { id: true } });
  return uploaded?.id ?? null;
}
