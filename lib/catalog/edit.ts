import { z } from 'zod';
import { type Actor, authorize } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { db, type FieldSource, type Tx } from '../db/index.ts';
import { deleteUnusedBlob, refreshModel, slugOf } from '../ingest/index.ts';
import { enqueuePlan } from '../queue/index.ts';
import type { ModelPatch } from './types.ts';
import { requireVisible } from './visibility.ts';
import { BASES, TYPES } from './vocabulary.ts';

/** Tags of one model. */
export const MAX_TAGS = 50;

const idOf = (terms: readonly { id: string }[], what: string) =>
  z.string().refine((id) => terms.some((term) => term.id === id), `is not a known ${what}.`);

/** One line of text: control characters and runs of blanks become one blank. */
const line = z.string().transform((text) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim());
/** Text of several lines; the database takes no NUL. */
const text = z.string().transform((value) => value.replaceAll('\0', ''));
/** A comma parts the tags of a search, so that none can be in one. */
const tag = line.transform((value) =>
  value
    .replace(/[\s,]+/g, ' ')
    .trim()
    .toLowerCase(),
);

/** The fields of a model that a person may set; those of one model and of many are the same. Tags are kept in lower case. */
export const MODEL_FIELDS = {
  name: line.pipe(z.string().min(1).max(200)),
  description: text.pipe(z.string().max(50_000)),
  tags: z.array(tag.pipe(z.string().min(1).max(40))).max(MAX_TAGS, `A model can have at most ${MAX_TAGS} tags.`),
  type: idOf(TYPES, 'type').nullable(),
  base: idOf(BASES, 'base model').nullable(),
  licence: line
    .pipe(z.string().max(500))
    .transform((value) => value || null)
    .nullable(),
};

/** What a person may change of one model. */
export const MODEL_PATCH: z.ZodType<ModelPatch> = z.strictObject({
  name: MODEL_FIELDS.name.exactOptional(),
  description: MODEL_FIELDS.description.exactOptional(),
  tags: MODEL_FIELDS.tags.exactOptional(),
  type: MODEL_FIELDS.type.exactOptional(),
  base: MODEL_FIELDS.base.exactOptional(),
  licence: MODEL_FIELDS.licence.exactOptional(),
});

/** Words from elsewhere (folders, other sites) as tags: those that can be, `MAX_TAGS` at most. */
export function cleanTags(words: readonly string[]): string[] {
  const tags = words.map((word) => tag.parse(word)).filter((name) => name !== '' && name.length <= 40);
  return [...new Set(tags)].slice(0, MAX_TAGS);
}

async function findModel(actor: Actor | null, id: number) {
  const model = await db().model.findUnique({ where: { id }, include: { tags: { include: { tag: true } } } });
  requireVisible(actor, model, 'model');
  return model;
}

/**
 * Changes what a person may change. A type or base set here is theirs for ever: identification leaves it alone until
 * null gives it back.
 */
export async function editModel(actor: Actor | null, id: number, patch: ModelPatch): Promise<void> {
  const model = await findModel(actor, id);
  authorize(actor, 'model.edit', model.ownerId);
  const { tags, type, base, ...texts } = MODEL_PATCH.parse(patch);
  await db().$transaction(async (tx) => {
    await tx.model.update({
      where: { id },
      data: {
        ...texts,
        ...(texts.name === undefined ? {} : { slug: `${slugOf(texts.name)}-${id}` }),
        ...(type === undefined ? {} : userChoice(model, 'type', type)),
        ...(base === undefined ? {} : userChoice(model, 'base', base)),
      },
    });
    if (tags !== undefined) await replaceTags(tx, id, [...new Set(tags)]);
    if (type === null || base === null) await refreshModel(tx, id);
    // What it renders, and on what, follows from these.
    if (type !== undefined || base !== undefined) await enqueuePlan(tx, id);
    await audit(tx, {
      actor: actor.id,
      action: 'model.edit',
      subject: 'model',
      subjectId: id,
      before: {
        name: model.name,
        description: model.description,
        type: model.type,
        base: model.base,
        tags: model.tags.map(({ tag }) => tag.name),
        licence: model.licence,
      },
      after: patch,
    });
  });
}

interface Choices {
  type: string;
  typeSource: FieldSource;
  base: string;
  baseSource: FieldSource;
}

/** A value is a person's word; null takes the word back, and after `refreshModel` what was detected shows again. */
export function userChoice(model: Choices, field: 'type' | 'base', value: string | null): Partial<Choices> {
  if (value !== null) return { [field]: value, [`${field}Source`]: 'user' };
  return model[`${field}Source`] === 'user' ? { [field]: 'unknown', [`${field}Source`]: 'weights' } : {};
}

async function replaceTags(tx: Tx, modelId: number, names: readonly string[]): Promise<void> {
  await tx.tag.createMany({ data: names.map((name) => ({ name })), skipDuplicates: true });
  const tags = await tx.tag.findMany({ where: { name: { in: [...names] } } });
  await tx.modelTag.deleteMany({ where: { modelId } });
  await tx.modelTag.createMany({ data: tags.map(({ id }) => ({ modelId, tagId: id })) });
}

/** Deletes a model with its versions and pictures, and the bytes that nothing else uses. */
export async function deleteModel(actor: Actor | null, id: number): Promise<void> {
  const model = await findModel(actor, id);
  authorize(actor, 'model.delete', model.ownerId);
  const digests = await db().$transaction(async (tx) => {
    // With the model locked no stage can add a file's safetensors between the list and the deletion.
    await tx.$queryRaw`SELECT id FROM model WHERE id = ${id} FOR UPDATE`;
    const files = await tx.modelFile.findMany({
      where: { version: { modelId: id } },
      select: {
        filename: true,
        sourceSha256: true,
        convertedSha256: true,
        parts: { select: { sha256: true, convertedSha256: true } },
      },
    });
    const uploaded = await tx.picture.findMany({ where: { modelId: id }, select: PICTURE_DIGESTS });
    // Already gone: a second click, or another moderator.
    if ((await tx.model.deleteMany({ where: { id } })).count === 0) return [];
    const rendered = await deletePreviews(
      tx,
      files.flatMap(({ convertedSha256 }) => convertedSha256 ?? []),
    );
    await audit(tx, {
      actor: actor.id,
      action: 'model.delete',
      subject: 'model',
      subjectId: id,
      before: { name: model.name, files: files.map(({ parts: _, ...file }) => file) },
    });
    return [
      ...files.flatMap((file) => [file, ...file.parts]).map(({ convertedSha256 }) => convertedSha256),
      ...files.flatMap((file) => [file.sourceSha256, ...file.parts.map(({ sha256 }) => sha256)]),
      ...[...uploaded, ...rendered].flatMap((picture) => [picture.sha256, picture.thumbnailSha256]),
    ].filter((sha256) => sha256 !== null);
  });
  for (const sha256 of new Set(digests)) await deleteUnusedBlob(sha256);
}

const PICTURE_DIGESTS = { sha256: true, thumbnailSha256: true } as const;

/** Deletes the previews of files that no model has any more. Returns the digests of their pictures. */
async function deletePreviews(tx: Tx, sha256s: readonly string[]) {
  const used = await tx.modelFile.findMany({
    where: { convertedSha256: { in: [...sha256s] } },
    select: { convertedSha256: true },
  });
  const unused = sha256s.filter((sha256) => !used.some(({ convertedSha256 }) => convertedSha256 === sha256));
  const where = { sha256: { in: unused } };
  const pictures = await tx.picture.findMany({ where: { preview: where }, select: PICTURE_DIGESTS });
  await tx.preview.deleteMany({ where });
  return pictures;
}
