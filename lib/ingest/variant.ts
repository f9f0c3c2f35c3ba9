import { join } from 'node:path';
import { type Actor, authorize } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { db, type Tx } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { publish } from '../events/index.ts';
import { enqueue, type JobPayload, type VariantOptions } from '../queue/index.ts';
import { findQuotaRefusal, requireQuota } from '../quotas/index.ts';
import { addFile } from './add-file.ts';
import { provenanceOf, storeConverted } from './converted-file.ts';
import { dropUnentered } from './delete-unused-blob.ts';
import { nameVariant } from './naming.ts';
import { SandboxError } from './sandbox.ts';
import { requireSeen } from './seen.ts';
import { explainLost, findStageFile } from './stage-file.ts';
import { runStage, type StageSubject, scratchOf } from './stage-run.ts';
import { lockFile, mayConvertAgain } from './states.ts';

/**
 * Has a converted file converted once more with other options, behind fresh uploads. What comes of it is a further
 * version of the model, with a verdict and hashes of its own. Throws AppError `conflict` where it cannot be.
 */
export async function convertAgain(actor: Actor | null, fileId: number, options: VariantOptions): Promise<void> {
  await db().$transaction(async (tx) => {
    const file = await lockFile(tx, fileId);
    authorize(actor, 'upload.create');
    requireSeen(actor, file.version.model, 'File');
    authorize(actor, 'model.add-version', file.version.model.ownerId);
    if (file.layout !== 'file')
      throw new AppError('conflict', 'A model in several files cannot be converted with other options.');
    if (!mayConvertAgain(file))
      throw new AppError('conflict', 'The file is not ready to be converted with other options.');
    if (Object.values(options).every((value) => value === undefined || value === false))
      throw new AppError('bad_request', 'Change at least one option.');
    const { ownerId } = file.version.model;
    // How large it gets is known when it is done, and held to the quota then.
    if (ownerId !== null) await requireQuota(tx, ownerId, { bytes: 1, files: 1 });
    await enqueue('ingest', { fileId, variant: { options, askedBy: actor.id } }, { tx, priority: -1 });
    await audit(tx, {
      actor: actor.id,
      action: 'file.convert-again',
      subject: 'file',
      subjectId: fileId,
      after: options,
    });
  });
}

/**
 * Converts and verifies a file with other options, and enters what was written next to it. What the file itself stands
 * in the way of is kept in the row of the run. Doing it twice gives the same bytes, which are entered once.
 */
export async function createVariant(
  subject: StageSubject,
  { options, askedBy }: NonNullable<JobPayload<'ingest'>['variant']>,
): Promise<void> {
  const { fileId, modelId } = subject;
  const file = await db().modelFile.findUnique({ where: { id: fileId }, include: { version: true } });
  // Newer rules may have shut the file since somebody asked.
  if (file === null || !mayConvertAgain(file)) return;
  const { path, input } = await findStageFile(file.sourceSha256);
  const target = join(scratchOf(fileId), 'variant.safetensors');
  const metadata = provenanceOf(file.sourceSha256);
  const written = await runStage(subject, { stage: 'variant', path, target, metadata, options }, [path], [input]).catch(
    (error) => {
      if (error instanceof SandboxError && error.code === 'refused' && explainLost(error) === null) return null;
      throw error;
    },
  );
  if (written === null) return;

  const { sha256, report } = written;
  const skipped = report.leftOut.filter(({ reason }) => reason === 'unsupported');
  const size = await storeConverted(target, sha256);
  await db().$transaction(async (tx) => {
    const { ownerId } = (await lockFile(tx, fileId)).version.model;
    const refusal = ownerId === null ? null : await findQuotaRefusal(tx, ownerId, { bytes: size, files: 1 });
    if (refusal !== null) {
      await changeRun(tx, fileId, { outcome: 'refused', message: refusal });
      await dropUnentered(tx, sha256);
      await publish(tx, { kind: 'file', ...subject });
      return;
    }
    const { filename, versionName } = nameVariant(file.filename, file.version.name, options);
    const variant = { madeFromId: fileId, versionName };
    const { duplicate } = await addFile(tx, { filename, sha256, size, ownerId: askedBy, modelId, variant });
    if (duplicate)
      await changeRun(tx, fileId, { message: 'The catalog already has this file, so no version was added.' });
    else if (skipped.length > 0) await changeRun(tx, fileId, { message: sayWhatIsMissing(skipped) });
    await publish(tx, { kind: 'file', ...subject });
  });
}

const MAX_NAMED = 5;

function sayWhatIsMissing(skipped: readonly { name: string; why?: string | undefined }[]): string {
  const named = skipped.slice(0, MAX_NAMED).map(({ name, why }) => `${name} (${why ?? ''})`);
  const more = skipped.length > MAX_NAMED ? ` and ${skipped.length - MAX_NAMED} more` : '';
  return `Not in the new version, because they cannot be written: ${named.join(', ')}${more}`;
}

/** Changes the row of the file's last conversion. */
async function changeRun(tx: Tx, fileId: number, data: { outcome?: string; message: string }): Promise<void> {
  const { id } = await tx.stageRun.findFirstOrThrow({ where: { fileId, stage: 'variant' }, orderBy: { id: 'desc' } });
  await tx.stageRun.update({ where: { id }, data });
}
