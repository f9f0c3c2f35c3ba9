import { join } from 'node:path';
import { IDENTIFICATION_RULES } from '#scanner/identify/index.ts';
import { config } from '../config.ts';
import { type ConversionState, db, type FileLayout, type FileState, storable } from '../db/index.ts';
import { publish } from '../events/index.ts';
import { enqueuePlan, type JobPayload } from '../queue/index.ts';
import { listNotes } from '../sidecars/index.ts';
import { blobStore, type FreshFile, LostBlobError } from '../storage/index.ts';
import { digestsOf } from './add-file.ts';
import { IDENTITY, NON_TENSORS, STATISTICS, TENSORS } from './columns.ts';
import { convertParts } from './convert-parts.ts';
import { provenanceOf } from './converted-file.ts';
import { FileProcess } from './file-process.ts';
import { runBySize } from './large-files.ts';
import { type OpenParts, openParts, saveParts } from './parts.ts';
import { quarantineMismatch } from './quarantine-mismatch.ts';
import { columnsOf } from './report-columns.ts';
import { SandboxError } from './sandbox.ts';
import { saveMergeParents } from './save-merge-parents.ts';
import { closeAbandonedRuns, recordFailure, replaceFindings } from './stage-failure.ts';
import { explainLost, findStageFile, type StageFile } from './stage-file.ts';
import { clearScratch, recordStage, runStage, type StageSubject, scratchOf } from './stage-run.ts';
import type { StageResults } from './stages.ts';
import { changeFileState, hasNoVerdict, isGguf, lockFile, passesGate, refreshModel } from './states.ts';
import { storeVerified } from './store-verified.ts';
import { createVariant } from './variant.ts';

/**
 * Takes one file through its stages: hash, scan, identify, convert, verify. Begins at the first that has no result yet,
 * so that running it again after a crash goes on where it stopped. Rejects when a stage was cut short (limit, crash):
 * the queue tries again, and `isLastTry` says that it will not. What the file itself is at fault for is a result.
 * `measure` reads the numbers of its tensors besides; `variant` converts it once more with other options. `identifyAgain` is for a file that was identified by an older program; what it found stays until the new is there.
 */
export async function ingestFile(
  fileId: number,
  { isLastTry = false, ...options }: IngestOptions & { isLastTry?: boolean } = {},
): Promise<void> {
  const file = await loadFile(fileId);
  if (file === null) return;
  const subject: StageSubject = { fileId, modelId: file.modelId, ownerId: file.ownerId };
  try {
    await runBySize(file.size, async () => {
      if (file.hasOpenRun) await closeAbandonedRuns(fileId);
      await runStages(subject, file, options);
    });
  } catch (error) {
    // Deleted meanwhile: there is nothing left to work on, and nobody to tell.
    if ((await loadFile(fileId)) === null) return;
    // Trying again finds the same, until its folder is searched for changes.
    const lost = explainLost(error);
    const cause =
      lost ??
      (error instanceof SandboxError
        ? error.message
        : 'The service could not run a stage. See the server log for the cause.');
    await db().$transaction((tx) => recordFailure(tx, fileId, cause, lost !== null || isLastTry));
    if (lost === null) throw error;
  } finally {
    await clearScratch(fileId);
  }
}

/** What an ingest does when it is asked to, in addition to what has no result yet. */
interface IngestOptions {
  identifyAgain?: boolean | undefined;
  measure?: boolean | undefined;
  variant?: JobPayload<'ingest'>['variant'];
}

async function runStages(
  subject: StageSubject,
  file: LoadedFile,
  { identifyAgain = false, measure = false, variant }: IngestOptions,
): Promise<void> {
  const source = await findStageFile(file.sourceSha256);
  if (!(await hashSource(subject, file, source))) return;
  const whole = file.layout === 'file' ? null : await openParts(subject.fileId, file.layout, file.filename);
  for (const part of whole?.parts ?? []) if (!(await hashSource(subject, part, part.file))) return;
  const judged = await inspectFile(subject, file, source, whole, identifyAgain);
  if (judged.state === 'malformed' || hasNoVerdict(judged.state)) return;
  if (passesGate(judged) && judged.conversion !== 'converted' && judged.conversion !== 'not_convertible')
    await convertFile(subject, judged, source, whole);
  if (whole !== null) return;
  if (measure) await measureTensors(subject, source);
  if (variant !== undefined) await createVariant(subject, variant);
}

/** What the stages of a file go by. */
interface LoadedFile {
  filename: string;
  state: FileState;
  conversion: ConversionState;
  container: string;
  layout: FileLayout;
  disarmedAt: Date | null;
  isIdentified: boolean;
  sourceSha256: string;
  size: bigint;
  /** Whether companion files say something of it. */
  hasNotes: boolean;
  /** Whether a run of a stage has no end: that of a worker that is gone. */
  hasOpenRun: boolean;
  /** Whether every digest of the source is known. */
  isHashed: boolean;
  verifiedAt: Date | null;
  modelId: number;
  ownerId: string | null;
}

async function loadFile(fileId: number): Promise<LoadedFile | null> {
  // The tables of tensors stay where they are.
  const [file] = await db().$queryRaw<LoadedFile[]>`
    SELECT f.filename, f.state::text AS state, f.conversion::text AS conversion, f.container, f.layout::text AS layout, f."disarmedAt",
           f.identity IS NOT NULL AS "isIdentified", f."sourceSha256", b.size, b.blake3 IS NOT NULL AS "isHashed",
           EXISTS (SELECT FROM stage_run r WHERE r."fileId" = f.id AND r."endedAt" IS NULL) AS "hasOpenRun",
           EXISTS (SELECT FROM sidecar s WHERE s."fileId" = f.id AND s.kind <> 'preview') AS "hasNotes",
           b."verifiedAt", v."modelId", m."ownerId"
      FROM model_file f JOIN blob b ON b.sha256 = f."sourceSha256"
      JOIN model_version v ON v.id = f."versionId" JOIN model m ON m.id = v."modelId"
     WHERE f.id = ${fileId}`;
  return file ?? null;
}

/**
 * Makes sure that the source is what its name says, and computes what digests it has not got on its way. An upload
 * that was read back had both when it was stored, and unless its file changed since it needs no reading. False where its
 * bytes are not those that it was stored as: then it goes no further.
 */
async function hashSource(
  subject: StageSubject,
  { sourceSha256: sha256, isHashed, verifiedAt }: Pick<LoadedFile, 'sourceSha256' | 'isHashed' | 'verifiedAt'>,
  { path, input, changedAt, isHeld }: StageFile,
): Promise<boolean> {
  const isVerified = isHeld || (verifiedAt !== null && changedAt !== null && changedAt <= verifiedAt);
  if (isHashed && isVerified) return true;
  const hashes = await runStage(subject, { stage: 'hash', path, nameAlone: isHashed }, [path], [input]);
  if (hashes.sha256 !== sha256) {
    // Its file is a person's own.
    if (isHeld) throw new LostBlobError('changed');
    await quarantineMismatch(subject.fileId, sha256, hashes.sha256);
    return false;
  }
  const digests = 'blake3' in hashes ? digestsOf(hashes) : {};
  await db().blob.update({ where: { sha256 }, data: { ...digests, verifiedAt: changedAt } });
  return true;
}

/** Scans and identifies what has no verdict or no identity yet, both in one process. Returns the file as it is then. */
async function inspectFile(
  subject: StageSubject,
  file: LoadedFile,
  { path, input }: StageFile,
  whole: OpenParts | null,
  identifyAgain: boolean,
): Promise<LoadedFile> {
  await using process = new FileProcess(input, { extras: file.hasNotes ? ['notes'] : [] });
  const judged = hasNoVerdict(file.state) ? await scanFile(subject, file, path, process, whole) : file;
  const isReadable = judged.state !== 'malformed' && !hasNoVerdict(judged.state);
  if (!isReadable || (judged.isIdentified && !identifyAgain)) return judged;
  return { ...judged, conversion: await identifyFile(subject, judged, path, process, whole) };
}

/** Returns the file as it is then. */
async function scanFile(
  subject: StageSubject,
  file: LoadedFile,
  path: string,
  process: FileProcess,
  whole: OpenParts | null,
): Promise<LoadedFile> {
  const { filename: name } = file;
  const { fileId } = subject;
  await db().$transaction((tx) => changeFileState(tx, fileId, { state: 'scanning' }));
  const { scanLimits } = config();
  const report: StageResults['scan'] =
    whole === null
      ? await recordStage(subject, 'scan', (limits) =>
          process.run({ stage: 'scan', path, name, limits: scanLimits }, limits),
        )
      : await runStage(subject, { stage: 'scan', folder: whole.folder, limits: scanLimits }, whole.paths, whole.inputs);
  const { conversion, disarmedAt } = await db().$transaction(async (tx) => {
    const before = await changeFileState(tx, fileId, { state: report.verdict }, columnsOf(report));
    // Before its first scan it has none.
    if (file.state !== 'quarantined' || report.findings.length > 0) await replaceFindings(tx, fileId, report.findings);
    await saveParts(tx, fileId, report.parts);
    return before;
  });
  return { ...file, state: report.verdict, container: report.container, conversion, disarmedAt };
}

/** Returns how its conversion stands then. */
async function identifyFile(
  subject: StageSubject,
  file: LoadedFile,
  path: string,
  process: FileProcess,
  whole: OpenParts | null,
): Promise<ConversionState> {
  const { fileId, modelId } = subject;
  const { filename: name, sourceSha256: sha256, conversion } = file;
  // What comes meanwhile has it identified once more.
  const notes = file.hasNotes ? await listNotes(fileId) : [];
  const identify = async (): Promise<StageResults['identify']> =>
    whole === null
      ? await recordStage(subject, 'identify', (limits) =>
          process.run({ stage: 'identify', path, name, sha256, notes }, limits),
        )
      : await runStage(subject, { stage: 'identify', folder: whole.folder }, whole.paths, whole.inputs);
  const found = await identify().catch(ignoreRefusal);
  if (found === null) return conversion;
  const metadata = storable(found.metadata);
  const columns = {
    identity: IDENTITY.write(found.identity),
    identityRules: IDENTIFICATION_RULES,
    tensors: TENSORS.write(found.tensors),
    nonTensors: NON_TENSORS.write(found.nonTensors),
    metadata,
  };
  return await db().$transaction(async (tx) => {
    if (conversion === 'none' && isItsOwnConversion(file)) {
      // In one transaction, because most files of a large collection are such.
      await changeFileState(tx, fileId, convertedAs(file), columns);
      await saveMergeParents(tx, fileId, metadata, { isFirst: !file.isIdentified });
      return 'converted';
    }
    await lockFile(tx, fileId);
    await tx.modelFile.updateMany({ where: { id: fileId }, data: columns });
    await saveMergeParents(tx, fileId, metadata, { isFirst: !file.isIdentified });
    await refreshModel(tx, modelId);
    // Fresh files are planned once they are converted.
    if (conversion === 'converted') await enqueuePlan(tx, modelId);
    return conversion;
  });
}

/** It is what a conversion would make: the scan has read its header, and nothing else in it can matter. */
function isItsOwnConversion({ container, state }: LoadedFile): boolean {
  return container === 'safetensors' && state === 'clean';
}

function convertedAs({ sourceSha256 }: LoadedFile) {
  return { conversion: 'converted' as const, convertedSha256: sourceSha256, conversionReason: null };
}

async function measureTensors({ fileId, modelId, ownerId }: StageSubject, { path, input }: StageFile): Promise<void> {
  const statistics = await runStage({ fileId, modelId, ownerId }, { stage: 'measure', path }, [path], [input]).catch(
    ignoreRefusal,
  );
  if (statistics === null) return;
  await db().modelFile.update({ where: { id: fileId }, data: { statistics: STATISTICS.write(statistics) } });
  await publish(db(), { kind: 'file', fileId, modelId, ownerId });
}

/** A file whose tensors cannot be listed stays unidentified; the run's row holds the reason. */
function ignoreRefusal(error: unknown): null {
  if (error instanceof SandboxError && error.code === 'refused' && explainLost(error) === null) return null;
  throw error;
}

async function convertFile(
  subject: StageSubject,
  file: LoadedFile,
  source: StageFile,
  whole: OpenParts | null,
): Promise<void> {
  const { fileId } = subject;
  const { path, input } = source;
  const change = async (data: Parameters<typeof changeFileState>[2]) => {
    await db().$transaction((tx) => changeFileState(tx, fileId, data));
  };
  if (isItsOwnConversion(file)) return await change(convertedAs(file));
  if (isGguf(file))
    return await change({ conversion: 'not_convertible', conversionReason: 'GGUF files are offered as they are.' });
  const target = join(scratchOf(fileId), 'converted.safetensors');
  const metadata = provenanceOf(file.sourceSha256);
  try {
    await change({ conversion: 'converting', conversionReason: null });
    if (whole !== null) await convertParts(subject);
    const { tags } = await (whole === null
      ? runStage(subject, { stage: 'convert', path, target, metadata }, [path], [input])
      : runStage(subject, { stage: 'convert', folder: whole.folder, target, metadata }, whole.paths, whole.inputs));
    await change({ conversion: 'verifying' });
    await verifyAndPublish(subject, source, whole, await blobStore().receive(target), tags);
  } catch (error) {
    if (!(error instanceof SandboxError) || error.code !== 'refused' || explainLost(error) !== null) throw error;
    await change({ conversion: 'not_convertible', conversionReason: error.message });
  }
}

async function verifyAndPublish(
  subject: StageSubject,
  { path, input }: StageFile,
  whole: OpenParts | null,
  file: FreshFile,
  tags: StageResults['convert']['tags'],
): Promise<void> {
  const { fileId } = subject;
  const target = file.path;
  const verify = () =>
    whole === null
      ? runStage(subject, { stage: 'verify', path, target, tags }, [path, target], [input, { path: target }])
      : runStage(subject, { stage: 'verify', folder: whole.folder, target }, [target]);
  await storeVerified(file, verify, {
    before: (tx) => lockFile(tx, fileId),
    enter: (tx, sha256) => changeFileState(tx, fileId, { conversion: 'converted', convertedSha256: sha256 }),
  });
}
