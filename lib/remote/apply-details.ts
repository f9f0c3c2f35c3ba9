import { withoutModelEnding } from '#scanner/model-files.ts';
import { type Actor, can } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { cleanTags, editModel } from '../catalog/index.ts';
import { db } from '../db/index.ts';
import { log } from '../log.ts';
import { MAX_PICTURE_BYTES } from '../pictures/index.ts';
import { flagPicture, uploadPicture } from '../previews/index.ts';
import { readRemote } from '../safe-fetch/index.ts';
import { storeSidecar } from '../sidecars/index.ts';
import type { Asking, FoundSource } from './sources/index.ts';

type Details = FoundSource['details'];

const MAX_NAME = 200;

interface Applying {
  asking: Asking;
  /** Whether the name of the source is that of this file. */
  isOnlyFile: boolean;
  signal: AbortSignal;
}

/**
 * Gives a model that was just imported what its source says of it: name, description, tags, licence, trigger words and
 * base model (as a companion file), and images. Once, and only where nobody has done it before.
 */
export async function applyDetails(actor: Actor, fileId: number, details: Details, applying: Applying): Promise<void> {
  const file = await db().modelFile.findUnique({
    where: { id: fileId },
    select: { filename: true, versionId: true, version: { select: { model: true } } },
  });
  const model = file?.version.model;
  if (file == null || model === undefined || model.ownerId !== actor.id || model.sourceUrl !== null) return;
  await keepCompanion(actor, fileId, file.filename, details);
  const name = applying.isOnlyFile ? oneLine(details.name ?? '').slice(0, MAX_NAME) : '';
  const tags = cleanTags(details.tags);
  if (can(actor, 'model.edit', model.ownerId)) {
    await editModel(actor, model.id, {
      ...(name === '' ? {} : { name }),
      ...(details.description === '' ? {} : { description: details.description }),
      ...(tags.length === 0 ? {} : { tags }),
    });
  }
  if (model.coverId === null) await addPictures(actor, model.id, details, applying);
  await describeModel(actor, { modelId: model.id, versionId: file.versionId }, details);
}

/** Where the model is from, its licence and its version. The last of what is applied: it says that all was. */
async function describeModel(
  actor: Actor,
  { modelId, versionId }: { modelId: number; versionId: number },
  { page, licence, version }: Details,
): Promise<void> {
  const sourceUrl = page?.slice(0, 2000) ?? null;
  const described = { sourceUrl, licence: licence === null ? null : oneLine(licence).slice(0, 500) };
  const versionName = oneLine(version ?? '').slice(0, 100);
  await db().$transaction(async (tx) => {
    await tx.model.update({ where: { id: modelId }, data: described });
    if (versionName !== '') await tx.modelVersion.update({ where: { id: versionId }, data: { name: versionName } });
    await audit(tx, {
      actor: actor.id,
      action: 'remote.describe',
      subject: 'model',
      subjectId: modelId,
      after: described,
    });
  });
}

async function keepCompanion(actor: Actor, fileId: number, filename: string, { companion }: Details): Promise<void> {
  if (companion === null) return;
  const name = `${withoutModelEnding(filename)}${companion.ending}`;
  // The source has one itself.
  if ((await db().sidecar.count({ where: { fileId, filename: name } })) > 0) return;
  await db().$transaction((tx) =>
    storeSidecar(tx, {
      filename: name,
      mediaType: 'application/json',
      content: Buffer.from(companion.text),
      ownerId: actor.id,
      fileId,
    }),
  );
}

/** An image that does not come is one less: the model is there. */
async function addPictures(
  actor: Actor,
  modelId: number,
  { pictures }: Details,
  { asking, signal }: Applying,
): Promise<void> {
  for (const { url, nsfw } of pictures) {
    signal.throwIfAborted();
    try {
      const origin = new URL(url).origin;
      const credential = Object.values(asking.credentials).find((one) => one?.origin === origin) ?? null;
      const read = async () =>
        (await readRemote(url, { ...asking.read, credential, maxBytes: MAX_PICTURE_BYTES })).bytes;
      const filename = new URL(url).pathname.split('/').at(-1) ?? 'image';
      const picture = await uploadPicture(actor, modelId, { read, filename });
      if (nsfw) await flagPicture(actor, picture.id, true);
    } catch (error) {
      log('remote').info({ modelId, error: (error as Error).message }, 'An image of an imported model was left out.');
    }
  }
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}
