import { type Actor, authorize, can } from '../../accounts/index.ts';
import { audit } from '../../audit/index.ts';
import { maySee, requireVisible } from '../../catalog/index.ts';
import { db, type Tx } from '../../db/index.ts';
import { AppError } from '../../errors.ts';
import { acceptUpload, listFields } from '../../pictures/index.ts';
import { requireQuota } from '../../quotas/index.ts';
import { PARAMETERS } from '../columns.ts';
import type { PictureView } from '../types.ts';
import { findDefaultCover } from './cover.ts';
import { PICTURE_INCLUDE, presentPicture } from './present-picture.ts';
import { deleteUnusedBlobs, storePicture } from './store-picture.ts';

/** Most pictures that people may upload to one model. */
const MAX_PICTURES = 100;

const MODEL = { id: true, published: true, ownerId: true, coverId: true } as const;

/** A picture that the person may see, with the model that they see it with. Throws AppError `not_found`. */
async function findPicture(actor: Actor | null, id: number) {
  const picture = await db().picture.findUnique({
    where: { id },
    include: { ...PICTURE_INCLUDE, preview: { select: { sha256: true } }, model: { select: MODEL } },
  });
  const models =
    picture === null
      ? []
      : picture.model !== null
        ? [picture.model]
        : await db().model.findMany({
            where: { versions: { some: { files: { some: { convertedSha256: picture.preview?.sha256 ?? '' } } } } },
            select: MODEL,
          });
  const model = models.find((one) => maySee(actor, one)) ?? models[0];
  requireVisible(actor, model, 'picture');
  if (picture === null) throw new AppError('not_found', 'Image not found.');
  return { picture, model };
}

/** The bytes of a picture or of its thumbnail. Throws AppError `not_found`. */
export async function readPicture(actor: Actor | null, id: number, which: 'picture' | 'thumbnail') {
  const { picture } = await findPicture(actor, id);
  const isThumbnail = which === 'thumbnail';
  const sha256 = isThumbnail ? picture.thumbnailSha256 : picture.sha256;
  const { size } = await db().blob.findUniqueOrThrow({ where: { sha256 }, select: { size: true } });
  return {
    sha256,
    size: Number(size),
    filename: isThumbnail ? picture.filename.replace(/\.\w+$/, '.webp') : picture.filename,
    modifiedAt: picture.createdAt,
    mediaType: isThumbnail ? 'image/webp' : picture.mediaType,
  };
}

/**
 * Keeps a picture that somebody uploads to a model, recreated from its pixels. `read` is asked once the person may.
 * Throws AppError.
 */
export async function uploadPicture(
  actor: Actor | null,
  modelId: number,
  { read, filename }: { read: () => Promise<Uint8Array>; filename: string },
): Promise<PictureView> {
  const model = await db().model.findUnique({ where: { id: modelId }, select: MODEL });
  requireVisible(actor, model, 'model');
  authorize(actor, 'picture.upload', model.ownerId);
  const accepted = await acceptUpload(await read());
  const parameters = accepted.metadata?.parameters ?? null;
  const id = await storePicture<number>(
    accepted,
    (work) => db().$transaction(work),
    async (tx, kept) => {
      await tx.$queryRaw`SELECT id FROM model WHERE id = ${modelId} FOR UPDATE`;
      if ((await tx.picture.count({ where: { modelId } })) >= MAX_PICTURES)
        throw new AppError('conflict', `A model can have at most ${MAX_PICTURES} user images. Delete one first.`);
      await requireQuota(tx, actor.id, { bytes: accepted.bytes.length, files: 1 });
      const created = await tx.picture.create({
        data: {
          ...kept,
          kind: 'user',
          modelId,
          filename: nameOf(filename, accepted.mediaType),
          seed: readSeed(parameters?.seed ?? null),
          generator: accepted.metadata?.generator ?? null,
          infotext: accepted.metadata?.raw.replaceAll('\0', '') ?? null,
          ...(parameters !== null && {
            parameters: PARAMETERS.write({
              prompt: parameters.prompt,
              negativePrompt: parameters.negativePrompt,
              fields: listFields(parameters),
            }),
          }),
          uploaderId: actor.id,
        },
      });
      const after = { pictureId: created.id, sha256: kept.sha256, filename: created.filename };
      await audit(tx, {
        actor: actor.id,
        action: 'picture.upload',
        subject: 'model',
        subjectId: modelId,
        after,
      });
      // It is the only picture of a model of which nothing could be rendered.
      await tx.$executeRaw`UPDATE model SET "coverId" = ${created.id} WHERE id = ${modelId} AND "coverId" IS NULL`;
      return created.id;
    },
  );
  return await viewOf(actor, id);
}

/** Takes a picture away that a person uploaded. Throws AppError. */
export async function deletePicture(actor: Actor | null, id: number): Promise<void> {
  const { picture, model } = await findPicture(actor, id);
  if (picture.kind !== 'user')
    throw new AppError('conflict', 'Rendered images cannot be deleted. Render the preview again instead.');
  const isTheirs = can(actor, 'picture.delete', picture.uploaderId);
  authorize(actor, 'picture.delete', isTheirs ? picture.uploaderId : model.ownerId);
  await db().$transaction(async (tx) => {
    if ((await tx.picture.deleteMany({ where: { id } })).count === 0) return;
    await audit(tx, {
      actor: actor.id,
      action: 'picture.delete',
      subject: 'model',
      subjectId: model.id,
      before: { pictureId: id, sha256: picture.sha256, filename: picture.filename },
    });
  });
  await deleteUnusedBlobs([picture.sha256, picture.thumbnailSha256]);
}

/** Says that a picture is or is not for everybody's eyes. Throws AppError. */
export async function flagPicture(actor: Actor | null, id: number, nsfw: boolean): Promise<PictureView> {
  const { picture, model } = await findPicture(actor, id);
  authorize(actor, 'picture.flag');
  await db().$transaction(async (tx) => {
    await tx.picture.update({ where: { id }, data: { nsfw } });
    await audit(tx, {
      actor: actor.id,
      action: 'picture.flag',
      subject: 'model',
      subjectId: model.id,
      before: { pictureId: id, nsfw: picture.nsfw },
      after: { pictureId: id, nsfw },
    });
  });
  return await viewOf(actor, id);
}

/** Makes a picture of a model its cover; null gives the choice back. Throws AppError. */
export async function chooseCover(actor: Actor | null, modelId: number, pictureId: number | null): Promise<void> {
  const model = await db().model.findUnique({ where: { id: modelId }, select: MODEL });
  requireVisible(actor, model, 'model');
  authorize(actor, 'model.edit', model.ownerId);
  await db().$transaction(async (tx) => {
    const found = pictureId === null ? await findDefaultCover(tx, modelId) : await findOwn(tx, modelId, pictureId);
    if (pictureId !== null && found === null) throw new AppError('not_found', 'This model does not have this image.');
    // Not `update`: it would move the model to the top of "last changed".
    await tx.$executeRaw`
      UPDATE model SET "coverId" = ${found}, "coverChosen" = ${pictureId !== null} WHERE id = ${modelId}`;
    await audit(tx, {
      actor: actor.id,
      action: 'model.cover',
      subject: 'model',
      subjectId: modelId,
      before: { pictureId: model.coverId },
      after: { pictureId },
    });
  });
}

/** The id of a picture, where it is one of this model's. */
async function findOwn(tx: Tx, modelId: number, id: number): Promise<number | null> {
  const files = await tx.modelFile.findMany({
    where: { version: { modelId }, convertedSha256: { not: null } },
    select: { convertedSha256: true },
  });
  const own = files.flatMap(({ convertedSha256 }) => convertedSha256 ?? []);
  const found = await tx.picture.findFirst({
    where: { id, OR: [{ modelId }, { preview: { sha256: { in: own } } }] },
    select: { id: true },
  });
  return found?.id ?? null;
}

/** A file name without anything that a header or a path would take for something else. */
function nameOf(filename: string, mediaType: string): string {
  const stem = filename
    .replace(/^.*[\\/]/, '')
    .replace(/\.\w{1,5}$/, '')
    .replace(/[\s\p{Cc}"\\/]+/gu, ' ')
    .trim()
    .slice(0, 100);
  return `${stem || 'picture'}.${mediaType === 'image/png' ? 'png' : 'webp'}`;
}

/** ComfyUI's seeds go beyond what a number holds; those stand in the parameters alone. */
function readSeed(text: string | null): bigint | null {
  return text !== null && Number.isSafeInteger(Number(text)) ? BigInt(Number(text)) : null;
}

async function viewOf(actor: Actor | null, id: number): Promise<PictureView> {
  const { picture, model } = await findPicture(actor, id);
  return presentPicture(actor, picture, model);
}
