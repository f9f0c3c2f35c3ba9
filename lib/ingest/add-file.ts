import { audit } from '../audit/index.ts';
import type { Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { enqueue } from '../queue/index.ts';
import { claimSidecars } from '../sidecars/index.ts';
import { blobStore } from '../storage/index.ts';
import { slugOf, titleOf } from './naming.ts';

export interface NewFile {
  filename: string;
  sha256: string;
  /** Bytes. */
  size: number;
  ownerId: string;
  /** The model that this is a new version of; null makes a new model. */
  modelId: number | null;
  /** Where it was made here from another file of the model, which goes on standing for the model. */
  variant?: { madeFromId: number; versionName: string };
}

/**
 * Enters bytes that are in the store into the catalog, in quarantine, and queues their ingest; all in the caller's
 * transaction. Bytes that the catalog has already, as a source or as the safetensors made from one, are not entered
 * twice: the answer is the file that has them. Throws AppError `unavailable` when the bytes were deleted a moment ago;
 * adopt them into the store again and enter them again.
 */
export async function addFile(tx: Tx, file: NewFile): Promise<{ fileId: number; duplicate: boolean }> {
  const { sha256, size, filename, ownerId } = file;
  // Two uploads of the same bytes that end at the same moment: the second waits here and then finds the first.
  await lockBlob(tx, sha256);
  if (!(await blobStore().has(sha256))) {
    throw new AppError('unavailable', 'The file was deleted during the upload. Upload it again.');
  }
  await tx.blob.upsert({ where: { sha256 }, create: { sha256, size }, update: {} });
  const known = await tx.modelFile.findFirst({
    where: { OR: [{ sourceSha256: sha256 }, { convertedSha256: sha256 }] },
    orderBy: { id: 'asc' },
    select: { id: true, state: true },
  });
  if (known !== null) {
    // Its bytes may have been missing or damaged, and are here again.
    if (known.state === 'incomplete') await enqueue('ingest', { fileId: known.id }, { tx });
    return { fileId: known.id, duplicate: true };
  }

  const modelId = file.modelId ?? (await createModel(tx, filename, ownerId));
  const versions = await tx.modelVersion.count({ where: { modelId, files: { none: { madeFromId: { not: null } } } } });
  const name = file.variant?.versionName ?? `v${versions + 1}`;
  const version = await tx.modelVersion.create({ data: { modelId, name } });
  const madeFromId = file.variant?.madeFromId ?? null;
  const { id } = await tx.modelFile.create({
    data: { versionId: version.id, filename, sourceSha256: sha256, madeFromId },
  });
  if (file.variant === undefined)
    await tx.model.update({ where: { id: modelId }, data: { verdict: 'quarantined', size } });
  await audit(tx, {
    actor: ownerId,
    action: 'file.enter',
    subject: 'file',
    subjectId: id,
    after: { filename, sha256, modelId, ...(madeFromId === null ? {} : { madeFromId }) },
  });
  await claimSidecars(tx, { id, filename, ownerId });
  await enqueue('ingest', { fileId: id }, { tx });
  return { fileId: id, duplicate: false };
}

/** Holds everybody else off the bytes of this digest until the transaction ends: those who enter them, and who drop them. */
export async function lockBlob(tx: Tx, sha256: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${sha256}, 0))`;
}

async function createModel(tx: Tx, filename: string, ownerId: string): Promise<number> {
  const name = titleOf(filename);
  // The id makes the slug unique, and it is known only afterwards.
  const { id } = await tx.model.create({ data: { name, ownerId, slug: `new-${crypto.randomUUID()}` } });
  await tx.model.update({ where: { id }, data: { slug: `${slugOf(name)}-${id}` } });
  await audit(tx, { actor: ownerId, action: 'model.create', subject: 'model', subjectId: id, after: { name } });
  return id;
}
