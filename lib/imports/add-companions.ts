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
import { storeSidecar } from '../sidecars/index.ts';
import { findAllowed, RefusedEntry, UNREADABLE } from './store-entry.ts';

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
  { root, roots }: { root: string; roots: readonly string[] },
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
  const read = async (path: string, limit: number) => {
    const { real, now } = await findAllowed(path, root, roots);
    if (now.size > limit) throw new AppError('too_large', 'The file is too large to be kept beside a model.');
    return await readFile(real);
  };
  const attempt = async (path: string, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      if (!isLeftOut(error)) throw error;
      log('imports').info({ path, error: error.message }, 'A companion file of an imported model was left out.');
    }
  };
  if (Object.keys(change).length > 0) await attempt(root, () => editModel(actor, modelId, change));
  for (const path of sidecars)
    await attempt(path, () => keepSidecar(actor, fileId, basename(path), () => read(path, MAX_SIDECAR_BYTES)));
  // Images of these names are there from an earlier try.
  const kept = new Set(model.pictures.map(({ filename }) => withoutEnding(filename)));
  for (const path of previews.filter((one) => !kept.has(withoutEnding(basename(one)))))
    await attempt(path, () =>
      uploadPicture(actor, modelId, {
        filename: basename(path),
        read: () => read(path, MAX_PICTURE_BYTES),
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

async function keepSidecar(actor: Actor, fileId: number, filename: string, read: () => Promise<Buffer>): Promise<void> {
  const name = readSidecarName(filename);
  if (name === null) return;
  const content = await read();
  const mediaType = checkSidecar(name.kind, content);
  if (mediaType === null) throw new AppError('bad_request', 'The file does not contain what its name says.');
  await db().$transaction((tx) => storeSidecar(tx, { filename, mediaType, content, ownerId: actor.id, fileId }));
}

/** An image is kept in the format that it was stored in. */
function withoutEnding(filename: string): string {
  return filename.replace(/\.\w+$/, '');
}
