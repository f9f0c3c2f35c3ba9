import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { ZodError } from 'zod';
import { isSystemError } from '#scanner/errors.ts';
import { checkSidecar, MAX_SIDECAR_BYTES, readSidecarName } from '#scanner/sidecars/index.ts';
import type { Actor } from '../accounts/index.ts';
import { cleanTags, editModel } from '../catalog/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { log } from '../log.ts';
import { MAX_PICTURE_BYTES } from '../pictures/index.ts';
import { uploadPicture } from '../previews/index.ts';
import { type NewSidecar, storeSidecar } from '../sidecars/index.ts';
import { findAllowed, RefusedEntry, UNREADABLE } from './store-entry.ts';

/** Which files may be read: those below the folder of an import, and below the others that are allowed. */
export interface Place {
  root: string;
  roots: readonly string[];
}

export interface Companions {
  sidecars: readonly string[];
  previews: readonly string[];
}

/**
 * Gives a model that was just imported what lies beside its file: companion files and images; and its name and tags by
 * the folders. Can be done twice. What cannot be read of it is left out: the model is there.
 */
export async function addCompanions(
  actor: Actor,
  fileId: number,
  place: Place,
  { sidecars, previews, tags, name }: Companions & { tags: readonly string[]; name: string | null },
): Promise<void> {
  const file = await db().modelFile.findUnique({
    where: { id: fileId },
    select: { version: { select: { modelId: true, model: { select: { pictures: { select: { filename: true } } } } } } },
  });
  if (file === null) return;
  const { modelId, model } = file.version;
  const change = {
    ...(tags.length === 0 ? {} : { tags: cleanTags(tags) }),
    ...(name === null || name.trim() === '' ? {} : { name: name.slice(0, 200) }),
  };
  if (Object.keys(change).length > 0) await attempt(place.root, () => editModel(actor, modelId, change));
  for (const sidecar of await readSidecars(actor.id, place, sidecars))
    await db().$transaction((tx) => storeSidecar(tx, { ...sidecar, fileId }));
  // Images of these names are there from an earlier try.
  const kept = new Set(model.pictures.map(({ filename }) => withoutEnding(filename)));
  for (const path of previews.filter((one) => !kept.has(withoutEnding(basename(one)))))
    await attempt(path, () =>
      uploadPicture(actor, modelId, {
        filename: basename(path),
        read: () => read(path, place, MAX_PICTURE_BYTES),
      }),
    );
}

/** Errors of one file, by the system, by what it holds, or by what a model may have. */
function isLeftOut(error: unknown): error is Error {
  return (
    error instanceof AppError ||
    error instanceof ZodError ||
    error instanceof RefusedEntry ||
    isSystemError(error, ...UNREADABLE)
  );
}

/** The companion files of these that can be kept. */
export async function readSidecars(
  ownerId: string,
  place: Place,
  paths: readonly string[],
): Promise<Omit<NewSidecar, 'fileId'>[]> {
  const found: Omit<NewSidecar, 'fileId'>[] = [];
  for (const path of paths)
    await attempt(path, async () => {
      const filename = basename(path);
      const name = readSidecarName(filename);
      if (name === null) return;
      const content = await read(path, place, MAX_SIDECAR_BYTES);
      const mediaType = checkSidecar(name.kind, content);
      if (mediaType === null) throw new AppError('bad_request', 'The file does not contain what its name says.');
      found.push({ filename, mediaType, content, ownerId });
    });
  return found;
}

async function read(path: string, { root, roots }: Place, limit: number): Promise<Buffer> {
  const { real, now } = await findAllowed(path, root, roots);
  if (now.size > limit) throw new AppError('too_large', 'The file is too large to be kept beside a model.');
  return await readFile(real);
}

async function attempt(path: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isLeftOut(error)) throw error;
    log('imports').info({ path, error: error.message }, 'A companion file of an imported model was left out.');
  }
}

/** An image is kept in the format that it was stored in. */
function withoutEnding(filename: string): string {
  return filename.replace(/\.\w+$/, '');
}
