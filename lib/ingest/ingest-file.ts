import { join } from 'node:path';
import type { Finding } from '../../scanner/index.ts';
import { type ConversionState, db, type FileState, type Tx } from '../db/index.ts';
import { blobStore } from '../storage/index.ts';
import { SandboxError } from './sandbox.ts';
import { clearScratch, runStage, type StageSubject, scratchOf } from './stage-run.ts';
import { changeFileState, refreshModel } from './states.ts';

const VERSION = '0.1.0';

/**
 * Takes one file through its stages: hash, scan, identify, convert, verify. Begins at the first that has no result yet,
 * so that running it again after a crash goes on where it stopped. Rejects when a stage was cut short (limit, crash):
 * the queue tries again; what the file itself is at fault for is a result.
 */
export async function ingestFile(fileId: number): Promise<void> {
  const file = await loadFile(fileId);
  if (file === null) return;
  const subject: StageSubject = { fileId, modelId: file.version.modelId, ownerId: file.version.model.ownerId };
  const path = blobStore().pathOf(file.sourceSha256);
  try {
    if (file.source.blake3 === null) await hashSource(subject, file.sourceSha256, path);
    if (isUnjudged(file.state)) await scanFile(subject, file.filename, path);

    const judged = await loadFile(fileId);
    if (judged === null || judged.state === 'malformed' || isUnjudged(judged.state)) return;
    if (judged.identity === null) await identifyFile(subject, judged.filename, path);
    if (mayConvert(judged)) await convertFile(subject, judged, path);
  } finally {
    await clearScratch(fileId);
  }
}

type LoadedFile = NonNullable<Awaited<ReturnType<typeof loadFile>>>;

function loadFile(fileId: number) {
  return db().modelFile.findUnique({
    where: { id: fileId },
    include: { source: true, version: { include: { model: true } } },
  });
}

function isUnjudged(state: FileState): boolean {
  return state === 'quarantined' || state === 'scanning' || state === 'incomplete';
}

/** The gate: a clean file converts by itself, another only when a moderator asked for it. */
function mayConvert({
  state,
  disarmedAt,
  conversion,
}: {
  state: FileState;
  disarmedAt: Date | null;
  conversion: ConversionState;
}): boolean {
  return (state === 'clean' || disarmedAt !== null) && conversion !== 'converted' && conversion !== 'not_convertible';
}

async function hashSource(subject: StageSubject, sha256: string, path: string): Promise<void> {
  const hashes = await runStage(subject, { stage: 'hash', path }, [path]);
  await db().blob.update({
    where: { sha256 },
    data: { autoV1: hashes.autov1, autoV3: hashes.autov3, blake3: hashes.blake3, crc32: hashes.crc32 },
  });
}

async function scanFile(subject: StageSubject, name: string, path: string): Promise<void> {
  const { fileId } = subject;
  await db().$transaction((tx) => changeFileState(tx, fileId, { state: 'scanning' }));
  try {
    const report = await runStage(subject, { stage: 'scan', path, name }, [path]);
    await db().$transaction(async (tx) => {
      await replaceFindings(tx, fileId, report.findings);
      await tx.modelFile.update({
        where: { id: fileId },
        data: {
          container: report.container,
          rules: report.rules,
          scannedAt: new Date(),
          globals: report.globals as object[],
        },
      });
      await changeFileState(tx, fileId, { state: report.verdict });
    });
  } catch (error) {
    const message = error instanceof SandboxError ? error.message : 'The scan could not be run.';
    await db().$transaction(async (tx) => {
      await replaceFindings(tx, fileId, [
        { rule: 'scan/not-finished', severity: 'incomplete', message: `The check did not come to its end. ${message}` },
      ]);
      await changeFileState(tx, fileId, { state: 'incomplete' });
    });
    throw error;
  }
}

async function replaceFindings(tx: Tx, fileId: number, findings: readonly Finding[]): Promise<void> {
  await tx.finding.deleteMany({ where: { fileId } });
  await tx.finding.createMany({
    data: findings.map(({ rule, severity, global, call, message, where }) => ({
      fileId,
      rule,
      severity,
      global,
      call,
      message,
      where: where as object | undefined,
    })),
  });
}

async function identifyFile(subject: StageSubject, name: string, path: string): Promise<void> {
  const found = await runStage(subject, { stage: 'identify', path, name }, [path]).catch(ignoreRefusal);
  if (found === null) return;
  await db().$transaction(async (tx) => {
    await tx.modelFile.update({
      where: { id: subject.fileId },
      data: {
        identity: found.identity as object,
        tensors: found.tensors as object[],
        nonTensors: found.nonTensors as object[],
        metadata: found.metadata,
      },
    });
    await refreshModel(tx, subject.modelId);
  });
}

/** A file whose tensors cannot be listed stays unidentified; the run's row holds the reason. */
function ignoreRefusal(error: unknown): null {
  if (error instanceof SandboxError && error.code === 'refused') return null;
  throw error;
}

async function convertFile(subject: StageSubject, file: LoadedFile, path: string): Promise<void> {
  const { fileId } = subject;
  if (file.container === 'safetensors') {
    // It is what a conversion would make; the scan has checked its header, and nothing else in it can matter.
    await db().$transaction((tx) =>
      changeFileState(tx, fileId, {
        conversion: 'converted',
        convertedSha256: file.sourceSha256,
        conversionReason: null,
      }),
    );
    return;
  }
  const target = join(scratchOf(fileId), 'converted.safetensors');
  const metadata = { 'weighhouse.source_sha256': file.sourceSha256, 'weighhouse.version': VERSION };
  try {
    await db().$transaction((tx) => changeFileState(tx, fileId, { conversion: 'converting', conversionReason: null }));
    await runStage(subject, { stage: 'convert', path, target, metadata }, [path]);
    await db().$transaction((tx) => changeFileState(tx, fileId, { conversion: 'verifying' }));
    await runStage(subject, { stage: 'verify', path, target }, [path]);
    const hashes = await runStage(subject, { stage: 'hash', path: target }, []);
    await publishConverted(fileId, target, hashes);
  } catch (error) {
    if (!(error instanceof SandboxError) || error.code !== 'refused') throw error;
    await db().$transaction((tx) =>
      changeFileState(tx, fileId, { conversion: 'not_convertible', conversionReason: error.message }),
    );
  }
}

interface ConvertedHashes {
  sha256: string;
  autov1: string | null;
  autov3: string | null;
  blake3: string;
  crc32: string;
}

async function publishConverted(fileId: number, target: string, hashes: ConvertedHashes): Promise<void> {
  const { sha256, autov1: autoV1, autov3: autoV3, blake3, crc32 } = hashes;
  await blobStore().adopt(target, sha256);
  const size = await blobStore().sizeOf(sha256);
  if (size === null) throw new Error('The converted file is not in the store.');
  await db().$transaction(async (tx) => {
    const digests = { autoV1, autoV3, blake3, crc32 };
    await tx.blob.upsert({ where: { sha256 }, create: { sha256, size, ...digests }, update: digests });
    await changeFileState(tx, fileId, { conversion: 'converted', convertedSha256: sha256 });
    await tx.modelVersion.updateMany({
      where: { files: { some: { id: fileId } }, publishedAt: null },
      data: { publishedAt: new Date() },
    });
  });
}
