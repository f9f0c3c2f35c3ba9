import { lockNames, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { blobStore } from '../storage/index.ts';
import { type AddedFile, addFile, enterBlobs, type NewFile } from './add-file.ts';
import { isPartPath, type ListedPart, type PartLayout, writePartList } from './part-list.ts';

const MAX_PARTS = 1000;

/** A model in several files, whose parts are in the store. */
export interface NewModelParts extends Pick<NewFile, 'ownerId' | 'modelId'> {
  /** What a single file of it would be called, without an ending. */
  name: string;
  layout: PartLayout;
  parts: readonly (ListedPart & Pick<NewFile, 'hashes' | 'verifiedAt' | 'place'>)[];
}

/** Throws AppError `bad_request` for what cannot be the paths of a model's files. */
export function checkPartPaths(paths: readonly string[]): void {
  if (paths.length === 0 || paths.length > MAX_PARTS)
    throw new AppError('bad_request', `A model has 1 to ${MAX_PARTS} files. This one has ${paths.length}.`);
  const bad = paths.find((path) => !isPartPath(path));
  if (bad !== undefined) throw new AppError('bad_request', `${JSON.stringify(bad)} is not a path within a model.`);
  if (new Set(paths).size !== paths.length)
    throw new AppError('bad_request', 'Two files of the model have the same path.');
}

/** Puts the list of the parts into the store, which stands for the model. Throws like `checkPartPaths`. */
export async function storePartList({ layout, parts }: Pick<NewModelParts, 'layout' | 'parts'>) {
  checkPartPaths(parts.map(({ path }) => path));
  return await blobStore().add([writePartList(layout, parts)]);
}

/**
 * Enters a model in several files: one file of the catalog, with one verdict and one conversion, whose bytes are the list
 * of its parts. Bytes that the catalog has already are parts of this model, too. Throws like `addFile`.
 */
export async function addModelParts(
  tx: Tx,
  { name, ownerId, modelId, layout, parts }: NewModelParts,
  list: { sha256: string; size: number },
): Promise<AddedFile> {
  await lockNames(tx, [...new Set([list.sha256, ...parts.map(({ sha256 }) => sha256)])]);
  for (const { sha256, place } of parts) {
    if (place === undefined && !(await blobStore().has(sha256)))
      throw new AppError('unavailable', 'A file of the model was deleted during the upload. Upload it again.');
  }
  await enterBlobs(tx, parts);
  const added = await addFile(tx, { filename: name, ...list, ownerId, modelId });
  if (added.duplicate) return added;
  const { fileId } = added;
  await tx.modelFile.updateMany({ where: { id: fileId }, data: { layout } });
  await tx.modelPart.createMany({ data: parts.map(({ path, sha256 }) => ({ fileId, path, sha256 })) });
  return added;
}
