import { RULES_VERSION } from '#scanner/report/index.ts';
import { audit } from '../audit/index.ts';
import { config } from '../config.ts';
import { db, type FileLayout, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import { log } from '../log.ts';
import { enqueue, hasOpenJob } from '../queue/index.ts';
import { FileProcess } from './file-process.ts';
import { openParts, saveParts } from './parts.ts';
import { columnsOf } from './report-columns.ts';
import { SandboxError } from './sandbox.ts';
import { replaceFindings } from './stage-failure.ts';
import { explainLost, findStageFile } from './stage-file.ts';
import { recordStage, runStage, type StageSubject } from './stage-run.ts';
import type { StageResults } from './stages.ts';
import { isOfferedAsItCame, lockFile, OFFERED, passesGate, refreshModel, VERDICT_STATES } from './states.ts';

/** A file whose re-scan was cut short is left alone this long: the next try would most likely end the same way. */
const RETRY_AFTER_MS = 24 * 3600 * 1000;

export type RescanOutcome = 'unchanged' | 'changed' | 'cut-short' | 'busy' | 'gone';

/**
 * The next file whose verdict rests on older rules than this program's, or null. Left out: what an ingest is
 * processing, and what was tried in vain within the last day. A file that never had a verdict is for a retry, not for
 * this.
 */
export async function findOutdatedFile(now = new Date()): Promise<number | null> {
  const file = await db().modelFile.findFirst({
    where: {
      state: { in: VERDICT_STATES },
      rules: { lt: RULES_VERSION },
      conversion: { notIn: ['queued', 'converting', 'verifying'] },
      runs: {
        none: {
          stage: 'scan',
          startedAt: { gt: new Date(now.getTime() - RETRY_AFTER_MS) },
          outcome: { notIn: ['ok'] },
        },
      },
    },
    orderBy: { id: 'asc' },
    select: { id: true },
  });
  return file?.id ?? null;
}

/**
 * Scans a file again by this program's rules. The old verdict stays in force until the new one is there, in the same
 * transaction as everything that follows from it. A scan that is cut short changes nothing: a verdict that rests on
 * older rules says more than none, so it stays with its date, the run's row says what happened, and a later sweep tries
 * again.
 */
export async function rescanFile(fileId: number): Promise<RescanOutcome> {
  const file = await db().modelFile.findUnique({
    where: { id: fileId },
    include: { version: { include: { model: true } } },
  });
  if (file === null) return 'gone';
  if (!VERDICT_STATES.includes(file.state) || file.rules === null || file.rules >= RULES_VERSION) return 'unchanged';
  if (await hasOpenJob('ingest', { fileId })) return 'busy';

  const { modelId, model } = file.version;
  try {
    // A row without an end is what a worker left that died at it.
    await db().stageRun.updateMany({
      where: { fileId, stage: 'scan', endedAt: null },
      data: { endedAt: new Date(), outcome: 'crash', message: 'The worker stopped during this stage.' },
    });
    const subject = { fileId, modelId, ownerId: model.ownerId };
    const report = await scanAgain(subject, file);
    return await db().$transaction((tx) => applyReport(tx, fileId, report));
  } catch (error) {
    if ((await db().modelFile.count({ where: { id: fileId } })) === 0) return 'gone';
    const last = await db().stageRun.findFirst({ where: { fileId, stage: 'scan' }, orderBy: { id: 'desc' } });
    // The scan was fine, so it is the service that is not.
    if (last?.outcome === 'ok' || last === null) throw error;
    log('ingest').warn(
      { fileId, error: (error as Error).message },
      'A rescan was interrupted; the old verdict is kept.',
    );
    return 'cut-short';
  }
}

async function scanAgain(
  subject: StageSubject,
  { filename: name, layout, sourceSha256 }: { filename: string; layout: FileLayout; sourceSha256: string },
): Promise<StageResults['scan']> {
  const limits = config().scanLimits;
  if (layout !== 'file') {
    const { folder, paths, inputs } = await recordLost(subject, () => openParts(subject.fileId, layout, name));
    return await runStage(subject, { stage: 'scan', folder, limits }, paths, inputs);
  }
  const { path, input } = await recordLost(subject, () => findStageFile(sourceSha256));
  await using process = new FileProcess(input);
  return await recordStage(subject, 'scan', (run) => process.run({ stage: 'scan', path, name, limits }, run));
}

/** What `open` finds; where others have changed or moved their file, that is how this scan ended. */
async function recordLost<T>(subject: StageSubject, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const lost = explainLost(error);
    if (lost === null) throw error;
    await recordStage(subject, 'scan', () => Promise.reject(new SandboxError('refused', lost)));
    throw error;
  }
}

/** Puts the new verdict in the old one's place, with all that follows from it. */
async function applyReport(tx: Tx, fileId: number, report: StageResults['scan']): Promise<RescanOutcome> {
  const { versionId, version } = await lockFile(tx, fileId);
  const { modelId } = version;
  const file = await tx.modelFile.findUnique({ where: { id: fileId } });
  if (file === null) throw new AppError('not_found', 'File not found.');
  // Somebody judged it while this scan ran, or an ingest is about to act on the verdict that it has read.
  if (file.rules !== null && file.rules >= report.rules) return 'unchanged';
  if (!VERDICT_STATES.includes(file.state) || (await hasOpenJob('ingest', { fileId }))) return 'busy';

  const isBlocked = file.state === 'clean' && report.verdict !== 'clean';
  // What was converted holds tensors alone, each compared with its source, so a pickle's new verdict cannot reach it and
  // people keep what they use. A safetensors source is its own conversion: there the verdict is about those very bytes.
  const isAsItCame = isOfferedAsItCame(file) && file.convertedSha256 === null;
  const withdrawn = isBlocked && (isAsItCame || file.convertedSha256 === file.sourceSha256);
  await replaceFindings(tx, fileId, report.findings);
  await saveParts(tx, fileId, report.parts);
  const judged = await tx.modelFile.update({
    where: { id: fileId },
    data: {
      state: report.verdict,
      ...columnsOf(report),
      ...(withdrawn ? { conversion: 'none' as const, convertedSha256: null, conversionReason: null } : {}),
    },
  });
  await audit(tx, {
    actor: 'system',
    action: 'file.rescan',
    subject: 'file',
    subjectId: fileId,
    before: { state: file.state, rules: file.rules, conversion: file.conversion },
    after: { state: judged.state, rules: judged.rules, conversion: judged.conversion },
  });
  if (withdrawn) await unpublish(tx, versionId, modelId);
  await refreshModel(tx, modelId);
  await publish(tx, { kind: 'file', fileId, modelId, ownerId: version.model.ownerId });

  const readable = judged.state !== 'malformed' && judged.state !== 'incomplete';
  // What got better goes the way of a fresh file, from its first stage without a result.
  if (readable && judged.conversion === 'none' && (judged.identity === null || passesGate(judged)))
    await enqueue('ingest', { fileId }, { tx });
  return judged.state === file.state ? 'unchanged' : 'changed';
}

/** Takes back what has nothing left to offer; a model with another file that people can have stays. */
async function unpublish(tx: Tx, versionId: number, modelId: number): Promise<void> {
  if ((await tx.modelFile.count({ where: { versionId, ...OFFERED } })) > 0) return;
  await tx.modelVersion.update({ where: { id: versionId }, data: { publishedAt: null } });
  if ((await tx.modelFile.count({ where: { version: { modelId }, ...OFFERED } })) > 0) return;
  const { count } = await tx.model.updateMany({ where: { id: modelId, published: true }, data: { published: false } });
  // A person has unpublished it before.
  if (count === 0) return;
  await audit(tx, {
    actor: 'system',
    action: 'model.unpublish',
    subject: 'model',
    subjectId: modelId,
    before: { published: true },
    after: { published: false },
  });
}
