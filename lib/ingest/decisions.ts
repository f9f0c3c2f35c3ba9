import { type Actor, authorize } from '../accounts/index.ts';
import { audit } from '../audit/index.ts';
import { db } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { enqueue } from '../jobs/index.ts';
import { changeFileState } from './states.ts';

async function findFile(fileId: number) {
  const file = await db().modelFile.findUnique({
    where: { id: fileId },
    include: { version: { include: { model: true } } },
  });
  if (file === null) throw new AppError('not_found', 'There is no such file.');
  return file;
}

/**
 * Has a suspicious or dangerous file converted all the same: its tensors are written out as safetensors, and what
 * would run on loading stays behind in quarantine.
 */
export async function disarmFile(actor: Actor | null, fileId: number): Promise<void> {
  authorize(actor, 'file.disarm');
  const file = await findFile(fileId);
  if (file.state !== 'suspicious' && file.state !== 'dangerous') {
    throw new AppError('conflict', 'Only a suspicious or dangerous file can be disarmed.');
  }
  if (file.conversion === 'converted') throw new AppError('conflict', 'This file has been disarmed already.');
  await db().$transaction(async (tx) => {
    await changeFileState(tx, fileId, { conversion: 'queued', conversionReason: null, actor: idOf(actor) });
    await tx.modelFile.update({ where: { id: fileId }, data: { disarmedById: idOf(actor), disarmedAt: new Date() } });
    await audit(tx, {
      actor: idOf(actor),
      action: 'file.disarm',
      subject: 'file',
      subjectId: fileId,
      before: { state: file.state },
    });
    await enqueue('ingest', { fileId }, { tx });
  });
}

/** Runs the stages again that a limit or a crash cut short, or a conversion that failed. */
export async function retryFile(actor: Actor | null, fileId: number): Promise<void> {
  const file = await findFile(fileId);
  authorize(actor, 'file.retry', file.version.model.ownerId);
  await db().$transaction(async (tx) => {
    if (file.conversion === 'not_convertible')
      await changeFileState(tx, fileId, { conversion: 'queued', actor: idOf(actor) });
    await audit(tx, { actor: idOf(actor), action: 'file.retry', subject: 'file', subjectId: fileId });
    await enqueue('ingest', { fileId }, { tx });
  });
}

function idOf(actor: Actor | null): string {
  if (actor === null) throw new AppError('not_signed_in', 'Sign in first.');
  return actor.id;
}
