import { IDENTIFICATION_RULES } from '#scanner/identify/index.ts';
import { VERDICTS } from '#scanner/report/index.ts';
import { audit } from '../audit/index.ts';
import { type ConversionState, type FileLayout, type FileState, Prisma, storable, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { published } from '../events/index.ts';
import { enqueuePlan } from '../queue/index.ts';

const { sql } = Prisma;

/**
 * The verdict's way. A finished verdict can only be recreated, by scanning again. A re-scan by newer rules (rescan.ts)
 * puts its verdict in the old one's place in one step, without `scanning`: the old one stays in force until then.
 */
export const FILE_TRANSITIONS: Readonly<Record<FileState, readonly FileState[]>> = {
  quarantined: ['scanning', 'incomplete'],
  scanning: ['clean', 'suspicious', 'malformed', 'dangerous', 'incomplete', 'scanning'],
  clean: ['scanning'],
  suspicious: ['scanning'],
  malformed: ['scanning'],
  dangerous: ['scanning'],
  incomplete: ['scanning'],
};

/** The conversion's way. `queued` waits for a worker: after a disarm, a retry, or a try that was cut short. */
export const CONVERSION_TRANSITIONS: Readonly<Record<ConversionState, readonly ConversionState[]>> = {
  none: ['queued', 'converting', 'converted', 'not_convertible'],
  queued: ['converting', 'converted', 'not_convertible'],
  converting: ['converting', 'verifying', 'queued', 'not_convertible'],
  verifying: ['converting', 'converted', 'queued', 'not_convertible'],
  converted: [],
  not_convertible: ['queued', 'none'],
};

/** The states that are a verdict. */
export const VERDICT_STATES: FileState[] = [...VERDICTS];

/** A file that the verdict of has not been made yet, or not to its end. */
export function hasNoVerdict(state: FileState): boolean {
  return state === 'quarantined' || state === 'scanning' || state === 'incomplete';
}

/** The gate: a clean file converts by itself, another only when a moderator asked for it. */
export function passesGate({ state, disarmedAt }: { state: FileState; disarmedAt: Date | null }): boolean {
  if (state === 'clean') return true;
  return (state === 'suspicious' || state === 'dangerous') && disarmedAt !== null;
}

type KindOfFile = { container: string; layout: FileLayout };

/** Programs load a GGUF file itself, and nothing that is made of it. */
export function isGguf({ container, layout }: KindOfFile): boolean {
  return container === 'gguf' && layout === 'file';
}

/** Programs load its own files: a clean one without a safetensors is offered as it came. */
export function isOfferedAsItCame(file: KindOfFile): boolean {
  return file.layout !== 'file' || isGguf(file);
}

/** Files that people can have: what was converted, and what is offered as it came. */
export const OFFERED: Prisma.ModelFileWhereInput = {
  OR: [
    { convertedSha256: { not: null } },
    { state: 'clean', conversion: 'not_convertible', OR: [{ layout: { not: 'file' } }, { container: 'gguf' }] },
  ],
};

/** Files `f` that these rules have not identified, and could. */
export const IDENTIFIED_BY_OLDER = sql`((f."identityRules" IS NULL OR f."identityRules" < ${IDENTIFICATION_RULES})
  AND f.identity IS NOT NULL AND f.state NOT IN ('quarantined', 'scanning', 'incomplete', 'malformed'))`;

/** What ended without a result can be tried again. */
export function mayRetry(file: {
  state: FileState;
  conversion: ConversionState;
  container: string;
  layout: FileLayout;
}): boolean {
  return file.state === 'incomplete' || (file.conversion === 'not_convertible' && !isGguf(file));
}

/** What can be converted with options: files that were converted, and those that could not be without, or as GGUF were not. */
export function mayConvertAgain(file: LockedFile | (Parameters<typeof mayRetry>[0] & { disarmedAt: Date | null })) {
  return (
    file.layout === 'file' &&
    (file.conversion === 'converted' || file.conversion === 'not_convertible') &&
    passesGate(file)
  );
}

/** What a moderator can have converted in spite of its verdict. */
export function mayDisarm({ state, conversion }: { state: FileState; conversion: ConversionState }): boolean {
  return (
    (state === 'suspicious' || state === 'dangerous') && (conversion === 'none' || conversion === 'not_convertible')
  );
}

/**
 * Locks a file's model, and with it all its files, until the transaction ends. Everything that changes a file begins
 * with it, so that two workers, or a worker and a deletion, come one after the other. Throws AppError `not_found` when
 * the file is gone.
 */
export async function lockFile(tx: Tx, fileId: number): Promise<LockedFile> {
  // The row of the file is locked for what PostgreSQL then does: it reads it once more after it waited for the model's,
  // so that nothing here is older than the lock.
  const [file] = await tx.$queryRaw<
    (Omit<LockedFile, 'version'> & { modelId: number; ownerId: string | null; published: boolean })[]
  >`
    SELECT f.state::text AS state, f.conversion::text AS conversion, f.container, f.layout::text AS layout, f."disarmedAt", f."versionId", v."modelId",
           m."ownerId", m.published
      FROM model m JOIN model_version v ON v."modelId" = m.id JOIN model_file f ON f."versionId" = v.id
     WHERE f.id = ${fileId} FOR UPDATE OF m FOR NO KEY UPDATE OF f`;
  if (file === undefined) throw new AppError('not_found', 'File not found.');
  const { modelId, ownerId, published, ...own } = file;
  return { ...own, version: { modelId, model: { ownerId, published } } };
}

/** What is known of a file whose model the caller's transaction holds. */
interface LockedFile {
  state: FileState;
  conversion: ConversionState;
  container: string;
  layout: FileLayout;
  disarmedAt: Date | null;
  versionId: number;
  version: { modelId: number; model: { ownerId: string | null; published: boolean } };
}

export interface FileChange {
  state?: FileState;
  conversion?: ConversionState;
  conversionReason?: string | null;
  convertedSha256?: string;
  /** A user's id, or `system`. */
  actor?: string;
}

/**
 * Changes a file's states; with the audit row and the event, all in the caller's transaction. What is converted is
 * published, and so is what is offered as it came. `columns` are what it keeps besides. Throws AppError `conflict` for a
 * change that the tables above do not have. Returns the file as it was before.
 */
export async function changeFileState(
  tx: Tx,
  fileId: number,
  change: FileChange,
  columns: Prisma.ModelFileUpdateManyMutationInput = {},
): Promise<LockedFile> {
  const { actor = 'system', ...wanted } = storable(change);
  const file = await lockFile(tx, fileId);
  if (wanted.state !== undefined && !FILE_TRANSITIONS[file.state].includes(wanted.state)) {
    throw new AppError('conflict', `The file is ${file.state} and cannot become ${wanted.state}.`);
  }
  if (wanted.conversion !== undefined && !CONVERSION_TRANSITIONS[file.conversion].includes(wanted.conversion)) {
    throw new AppError('conflict', `The conversion is ${file.conversion} and cannot become ${wanted.conversion}.`);
  }
  // One that returned its row would return the table of its tensors.
  await tx.modelFile.updateMany({ where: { id: fileId }, data: { ...columns, ...wanted } });
  await audit(tx, {
    actor,
    action: 'file.state',
    subject: 'file',
    subjectId: fileId,
    before: { state: file.state, conversion: file.conversion },
    after: wanted,
  });
  const { modelId, model } = file.version;
  if (wanted.conversion === 'converted') {
    await publishVersion(tx, file.versionId, modelId, model.published);
    // There is something to render now.
    await enqueuePlan(tx, modelId);
  } else if (wanted.conversion === 'not_convertible' && file.state === 'clean' && isOfferedAsItCame(file)) {
    await publishVersion(tx, file.versionId, modelId, model.published);
  }
  await refreshModel(tx, modelId, published({ kind: 'file', fileId, modelId, ownerId: model.ownerId }));
  return file;
}

async function publishVersion(tx: Tx, versionId: number, modelId: number, wasPublished: boolean): Promise<void> {
  const rows = await tx.$queryRaw<object[]>`
    WITH version AS (
      UPDATE model_version SET "publishedAt" = clock_timestamp() WHERE id = ${versionId} AND "publishedAt" IS NULL)
    UPDATE model SET published = true, "updatedAt" = clock_timestamp()
     WHERE id = ${modelId} AND NOT withheld AND NOT ${wasPublished} RETURNING id`;
  if (rows.length === 0) return;
  await audit(tx, { actor: 'system', action: 'model.publish', subject: 'model', subjectId: modelId });
}

/** Where the last word on a field was read: what refines another stands behind it. */
function sourceOf(field: 'type' | 'base'): Prisma.Sql {
  const path = `$.evidence[*] ? (@.field == "${field}").source`;
  return sql`coalesce(jsonb_path_query_array(f.identity, ${path}::jsonpath) ->> -1, 'weights')::"FieldSource"`;
}

/**
 * Brings what the catalog shows of a model into step with its newest file: verdict, size, family, and the type and base
 * that identification found, unless a person said otherwise. `told` is a column that tells of it (`published`).
 */
export async function refreshModel(tx: Tx, modelId: number, told: Prisma.Sql = sql`1`): Promise<void> {
  // A variant (its autoencoder alone, say) is not what the model is.
  await tx.$executeRaw`
    WITH f AS (
      SELECT f.state, f.identity, jsonb_typeof(f.identity) IS NOT DISTINCT FROM 'object' AS "isIdentified",
             coalesce(made.size, (SELECT sum(b.size)::bigint FROM model_part p JOIN blob b ON b.sha256 = p.sha256
                                   WHERE p."fileId" = f.id), source.size) AS size
        FROM model_version v JOIN model_file f ON f."versionId" = v.id
        JOIN blob source ON source.sha256 = f."sourceSha256" LEFT JOIN blob made ON made.sha256 = f."convertedSha256"
       WHERE v."modelId" = ${modelId} AND f."madeFromId" IS NULL ORDER BY f.id DESC LIMIT 1),
    shown AS (
      UPDATE model m
         SET verdict = f.state, size = f.size, family = f.identity ->> 'family', "updatedAt" = clock_timestamp(),
             type = CASE WHEN "typeSource" <> 'user' AND "isIdentified" THEN f.identity ->> 'type' ELSE type END,
             "typeSource" = CASE WHEN "typeSource" <> 'user' AND "isIdentified" THEN ${sourceOf('type')} ELSE "typeSource" END,
             base = CASE WHEN "baseSource" <> 'user' AND "isIdentified" THEN f.identity ->> 'base' ELSE base END,
             "baseSource" = CASE WHEN "baseSource" <> 'user' AND "isIdentified" THEN ${sourceOf('base')} ELSE "baseSource" END
        FROM f WHERE m.id = ${modelId})
    SELECT ${told}`;
}
