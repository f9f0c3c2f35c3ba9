import { type Actor, can } from '../../accounts/index.ts';
import type { Prisma } from '../../db/index.ts';
import { PARAMETERS } from '../columns.ts';
import type { PictureView } from '../types.ts';

export const PICTURE_INCLUDE = { uploader: { select: { name: true } } } satisfies Prisma.PictureInclude;
export type LoadedPicture = Prisma.PictureGetPayload<{ include: typeof PICTURE_INCLUDE }>;

/** The model that a picture is looked at with. */
export interface PictureModel {
  id: number;
  ownerId: string | null;
  coverId: number | null;
}

export function presentPicture(actor: Actor | null, picture: LoadedPicture, model: PictureModel): PictureView {
  const { id, kind, width, height, blur, label, loraWeight, generator, infotext, nsfw } = picture;
  return {
    id,
    kind,
    // The bytes may be rendered again under the same id, and browsers keep pictures.
    url: `/api/pictures/${id}?v=${picture.sha256.slice(0, 8)}`,
    thumbnailUrl: `/api/pictures/${id}/thumbnail?v=${picture.thumbnailSha256.slice(0, 8)}`,
    width,
    height,
    blur,
    label,
    seed: picture.seed === null ? null : Number(picture.seed),
    loraWeight,
    generator,
    infotext,
    parameters: PARAMETERS.tryRead(picture.parameters),
    nsfw,
    isCover: model.coverId === id,
    uploader: picture.uploader?.name ?? null,
    createdAt: picture.createdAt.toISOString(),
    may: {
      flag: can(actor, 'picture.flag'),
      cover: can(actor, 'model.edit', model.ownerId),
      delete: kind === 'user' && mayDelete(actor, picture, model),
    },
  };
}

/** Who uploaded a picture may take it away, and so may the model's owner. */
export function mayDelete(actor: Actor | null, picture: { uploaderId: string | null }, model: PictureModel): boolean {
  return can(actor, 'picture.delete', picture.uploaderId) || can(actor, 'picture.delete', model.ownerId);
}
