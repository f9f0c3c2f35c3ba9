import { type Actor, can } from '../../accounts/index.ts';
import { maySee, requireVisible } from '../../catalog/index.ts';
import { config } from '../../config.ts';
import { db } from '../../db/index.ts';
import { PICTURE_INCLUDE, presentPicture } from '../pictures/index.ts';
import { listProfileIds } from '../plan/index.ts';
import { type LoadedSubject, loadSubject } from '../schedule/index.ts';
import { findProfile } from '../settings/index.ts';
import type { ModelPreviews } from '../types.ts';
import { type LoadedPreview, PREVIEW_INCLUDE, presentPreview } from './present-preview.ts';

/** All pictures of a model, and how far those are that are being rendered. Throws AppError `not_found`. */
export async function getModelPreviews(actor: Actor | null, modelId: number): Promise<ModelPreviews> {
  const model = await db().model.findUnique({
    where: { id: modelId },
    select: { id: true, published: true, ownerId: true, coverId: true },
  });
  requireVisible(actor, model, 'model');
  const loaded = await loadSubject(modelId);
  const [rows, uploaded, current] = await Promise.all([
    db().preview.findMany({
      where: { sha256: { in: await listFiles(modelId) } },
      orderBy: { id: 'desc' },
      include: PREVIEW_INCLUDE,
    }),
    db().picture.findMany({ where: { modelId }, orderBy: { id: 'desc' }, include: PICTURE_INCLUDE }),
    loaded === null ? null : findProfile(listProfileIds(loaded.subject)),
  ]);
  const isCurrent = (row: LoadedPreview) =>
    row.sha256 === loaded?.sha256 && row.profileId === current?.id && row.profileVersion === current.version;
  // Until somebody has it rendered again, what an older profile rendered of the newest file stands for it.
  const shown = rows.find(isCurrent) ?? rows.find(({ sha256 }) => sha256 === loaded?.sha256) ?? null;
  const names = await readProfileNames();
  const present = async (row: LoadedPreview) =>
    presentPreview(row, {
      model,
      actor,
      stale: !isCurrent(row),
      profileName: names.get(row.profileId) ?? row.profileId,
      ahead: await countAhead(row),
      baseModel: await findBaseModel(actor, row),
    });
  return {
    modelId,
    current: shown === null ? null : await present(shown),
    message: shown === null ? await explainNone(modelId, loaded) : null,
    older: await Promise.all(rows.filter((row) => row !== shown && row.pictures.length > 0).map(present)),
    pictures: uploaded.map((picture) => presentPicture(actor, picture, model)),
    may: {
      render: loaded !== null && config().previews !== 'off' && can(actor, 'preview.render', model.ownerId),
      upload: can(actor, 'picture.upload', model.ownerId),
    },
  };
}

async function explainNone(modelId: number, loaded: LoadedSubject | null): Promise<string> {
  if (config().previews === 'off') return 'Previews are disabled on this server.';
  if (loaded !== null) return 'The preview is being planned.';
  const newest = await db().modelFile.findFirst({
    where: { version: { modelId }, madeFromId: null },
    orderBy: { id: 'desc' },
    select: { container: true },
  });
  if (newest?.container === 'gguf')
    return 'The weights are quantized as GGUF, which the built-in renderer does not support. Use a safetensors version of the model.';
  return 'The preview is rendered after the file is converted.';
}

/** Every file of a model that was converted, as people uploaded it. */
async function listFiles(modelId: number): Promise<string[]> {
  const files = await db().modelFile.findMany({
    where: { version: { modelId }, madeFromId: null, convertedSha256: { not: null } },
    select: { convertedSha256: true },
  });
  return files.flatMap(({ convertedSha256 }) => convertedSha256 ?? []);
}

async function readProfileNames(): Promise<Map<string, string>> {
  const profiles = await db().previewProfile.findMany({ select: { id: true, name: true } });
  return new Map(profiles.map(({ id, name }) => [id, name]));
}

async function countAhead({ id, state, queuedAt }: LoadedPreview): Promise<number | null> {
  if (state !== 'queued') return null;
  return await db().preview.count({
    where: {
      OR: [
        { state: 'rendering' },
        { state: 'queued', OR: [{ queuedAt: { lt: queuedAt } }, { queuedAt, id: { lt: id } }] },
      ],
    },
  });
}

async function findBaseModel(actor: Actor | null, { hostSha256, sha256 }: LoadedPreview) {
  if (hostSha256 === null || hostSha256 === sha256) return null;
  const file = await db().modelFile.findFirst({
    where: { convertedSha256: hostSha256 },
    orderBy: { id: 'desc' },
    select: { version: { select: { model: { select: { id: true, slug: true, published: true, ownerId: true } } } } },
  });
  const model = file?.version.model;
  return model === undefined || !maySee(actor, model) ? null : { id: model.id, slug: model.slug };
}
