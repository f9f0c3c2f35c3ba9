import type { Hashes } from '#scanner/hashes/index.ts';
import { auditAll } from '../audit/index.ts';
import { type FileState, lockNames, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { enqueueAll } from '../queue/index.ts';
import { claimSidecars } from '../sidecars/index.ts';
import { blobStore, enterPlaces, type NewPlace } from '../storage/index.ts';
import { slugOf, titleOf } from './naming.ts';

export interface NewFile {
  filename: string;
  sha256: string;
  /** Bytes. */
  size: number;
  ownerId: string;
  /** Every digest of its bytes, where they were computed on the way. */
  hashes?: StoredHashes;
  /** When the bytes in the store last changed, where they were verified since (see `StoredBlob`). */
  verifiedAt?: Date | null;
  /** Where its bytes stay, of one that is imported in place; they need not be in the store. */
  place?: NewPlace;
  /** The model that this is a new version of; null makes a new model. */
  modelId: number | null;
  /** Where it was made here from another file of the model, which goes on standing for the model. */
  variant?: { madeFromId: number; versionName: string };
}

/** Digests of what was stored: all of them, or the one that is its name. */
export type StoredHashes = Hashes | Pick<Hashes, 'sha256'>;

export interface AddedFile {
  fileId: number;
  /** True where the catalog had the bytes already: `fileId` is then the file that has them. */
  duplicate: boolean;
}

/**
 * Enters bytes that are in the store into the catalog, in quarantine, and queues their ingest; all in the caller's
 * transaction. Bytes that the catalog has already, as a source or as the safetensors made from one, are not entered
 * twice: the answer is the file that has them. Throws AppError `unavailable` when the bytes were deleted a moment ago;
 * adopt them into the store again and enter them again.
 */
export async function addFile(tx: Tx, file: NewFile): Promise<AddedFile> {
  const [added] = await addFiles(tx, [file]);
  if (added === undefined) throw new Error('No file was entered.');
  return added;
}

/** The same for several files, in as many statements as for one. Answers in their order. */
export async function addFiles(tx: Tx, files: readonly NewFile[]): Promise<AddedFile[]> {
  const digests = [...new Set(files.map(({ sha256 }) => sha256))];
  // Two uploads of the same bytes that end at the same moment: the second waits here and then finds the first.
  await lockNames(tx, digests);
  for (const { sha256, place } of files) {
    if (place === undefined && !(await blobStore().has(sha256)))
      throw new AppError('unavailable', 'The file was deleted during the upload. Upload it again.');
  }
  const known = await enterBlobs(tx, files);
  // Its bytes may have been missing or damaged, and are here again.
  const again = [...known.values()].filter(({ state }) => state === 'incomplete');
  // Of the same bytes twice the first is entered, and the second is a duplicate of it.
  const fresh = files.filter(
    ({ sha256 }, index) => !known.has(sha256) && files.findIndex((file) => file.sha256 === sha256) === index,
  );
  const entered = fresh.length === 0 ? new Map<string, number>() : await enterFiles(tx, fresh);
  const jobs = [...again.map(({ id }) => id), ...entered.values()];
  await enqueueAll(
    'ingest',
    jobs.map((fileId) => ({ fileId })),
    tx,
  );
  const isFirst = new Set(fresh);
  return files.map((file) => {
    const fileId = known.get(file.sha256)?.id ?? entered.get(file.sha256);
    if (fileId === undefined) throw new Error('A file was not entered.');
    return { fileId, duplicate: !isFirst.has(file) };
  });
}

/** Holds everybody else off the bytes of this digest until the transaction ends: those who enter them, and who drop them. */
export async function lockBlob(tx: Tx, sha256: string): Promise<void> {
  await lockNames(tx, [sha256]);
}

interface KnownFile {
  id: number;
  sha256: string;
  state: FileState;
}

/** Makes rows of the bytes. Returns, by SHA-256, the oldest files of the catalog that have them already. */
export async function enterBlobs(
  tx: Tx,
  files: readonly Pick<NewFile, 'sha256' | 'size' | 'hashes' | 'verifiedAt' | 'place'>[],
): Promise<Map<string, KnownFile>> {
  const rows = files.map(({ sha256, size, hashes, verifiedAt = null }) => ({
    sha256,
    size,
    verifiedAt,
    ...(hashes !== undefined && 'blake3' in hashes ? digestsOf(hashes) : {}),
  }));
  const known = await tx.$queryRaw<KnownFile[]>`
    WITH given AS (
      SELECT DISTINCT ON (sha256) * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r(
        sha256 text, size bigint, "verifiedAt" timestamptz, "autoV1" text, "autoV3" text, blake3 text, crc32 text)
       ORDER BY sha256, "verifiedAt" DESC NULLS LAST),
    entered AS (
      INSERT INTO blob (sha256, size, "autoV1", "autoV3", blake3, crc32, "verifiedAt")
      SELECT sha256, size, "autoV1", "autoV3", blake3, crc32, "verifiedAt"
        FROM given ORDER BY sha256
      ON CONFLICT (sha256) DO UPDATE SET
        "autoV1" = coalesce(blob."autoV1", excluded."autoV1"), "autoV3" = coalesce(blob."autoV3", excluded."autoV3"),
        blake3 = coalesce(blob.blake3, excluded.blake3), crc32 = coalesce(blob.crc32, excluded.crc32),
        "verifiedAt" = greatest(blob."verifiedAt", excluded."verifiedAt"))
    SELECT DISTINCT ON (given.sha256) f.id, given.sha256, f.state::text AS state
      FROM given JOIN model_file f ON f."sourceSha256" = given.sha256 OR f."convertedSha256" = given.sha256
     ORDER BY given.sha256, f.id`;
  await enterPlaces(
    tx,
    files.flatMap(({ sha256, place }) => (place === undefined ? [] : [{ ...place, sha256 }])),
  );
  return new Map(known.map((file) => [file.sha256, file]));
}

/** Makes models, versions and files of bytes that the catalog does not have. Returns the ids of the files by SHA-256. */
async function enterFiles(tx: Tx, files: readonly NewFile[]): Promise<Map<string, number>> {
  const rows = files.map(({ filename, sha256, size, ownerId, modelId, variant }, n) => {
    const name = titleOf(filename);
    const made = variant === undefined ? {} : { madeFromId: variant.madeFromId, version: variant.versionName };
    return { n, filename, sha256, size, ownerId, modelId, name, slug: slugOf(name), ...made };
  });
  // A model's slug has its id in it, so ids are taken before the rows are made.
  const entered = await tx.$queryRaw<{ fileId: number; sha256: string; model: number }[]>`
    WITH given AS (
      SELECT r.*, coalesce("modelId", nextval(pg_get_serial_sequence('model', 'id'))::int) AS model,
             nextval(pg_get_serial_sequence('model_version', 'id'))::int AS "versionId"
        FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          AS r(n int, filename text, sha256 text, size bigint, "ownerId" text, "modelId" int, name text, slug text,
               "madeFromId" int, version text)),
    models AS (
      INSERT INTO model (id, slug, name, "ownerId", verdict, size, "updatedAt")
      SELECT model, slug || '-' || model, name, "ownerId", 'quarantined', size, now()
        FROM given WHERE "modelId" IS NULL ORDER BY n),
    changed AS (
      UPDATE model SET verdict = 'quarantined', size = given.size, "updatedAt" = now()
        FROM given WHERE model.id = given."modelId" AND given."madeFromId" IS NULL),
    versions AS (
      INSERT INTO model_version (id, "modelId", name)
      SELECT "versionId", model, coalesce(version, 'v' || (
               row_number() OVER (PARTITION BY model ORDER BY n)
               + (SELECT count(*) FROM model_version v WHERE v."modelId" = given.model AND NOT EXISTS (
                    SELECT FROM model_file f WHERE f."versionId" = v.id AND f."madeFromId" IS NOT NULL))))
        FROM given ORDER BY n),
    files AS (
      INSERT INTO model_file ("versionId", filename, "sourceSha256", "madeFromId")
      SELECT "versionId", filename, sha256, "madeFromId" FROM given ORDER BY n
      RETURNING id, "sourceSha256")
    SELECT files.id AS "fileId", given.sha256, given.model
      FROM given JOIN files ON files."sourceSha256" = given.sha256 ORDER BY given.n`;
  const added = entered.map(({ fileId, sha256, model }) => {
    const file = files.find((one) => one.sha256 === sha256);
    if (file === undefined) throw new Error('A file was entered that nobody gave.');
    return { ...file, id: fileId, model };
  });
  const models = added.filter(({ modelId }) => modelId === null);
  await auditAll(tx, [
    ...models.map(({ ownerId, model, filename }) => ({
      actor: ownerId,
      action: 'model.create' as const,
      subject: 'model' as const,
      subjectId: model,
      after: { name: titleOf(filename) },
    })),
    ...added.map(({ ownerId, id, filename, sha256, model, variant }) => ({
      actor: ownerId,
      action: 'file.enter' as const,
      subject: 'file' as const,
      subjectId: id,
      after: { filename, sha256, modelId: model, ...(variant && { madeFromId: variant.madeFromId }) },
    })),
  ]);
  await claimSidecars(tx, added);
  return new Map(added.map(({ id, sha256 }) => [sha256, id]));
}

/** The columns of a blob that its digests go to. */
export function digestsOf({ autov1: autoV1, autov3: autoV3, blake3, crc32 }: Hashes) {
  return { autoV1, autoV3, blake3, crc32 };
}
